"""What must hold, and the table that says whether it does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from .normal import Traffic

MAX_SLOWDOWN = 3.0  # of the p99 of normal queries
MIN_QUIET_SECONDS = 0.02  # a shorter p99 of the quiet run counts as this
MAX_PROBE_SECONDS = 0.1
MAX_GROWTH = 1.2  # of the memory that remains
_MEGABYTE = 2**20


@dataclass(frozen=True)
class Measurements:
    """What both runs have measured. `report` is what the hostile clients have seen, `errors` are lines of the log."""

    quiet: Traffic
    mixed: Traffic
    quiet_bytes: int
    remaining_bytes: int
    report: dict[str, Any]
    errors: list[str]


class Check(NamedTuple):
    """One thing that must hold."""

    name: str
    quiet: str
    mixed: str
    bound: str
    holds: bool


def checks(measured: Measurements) -> Iterator[Check]:
    """Yield each thing that must hold."""
    quiet, mixed = measured.quiet, measured.mixed
    bound = MAX_SLOWDOWN * max(quiet.p99(), MIN_QUIET_SECONDS)
    yield Check("p99 of normal queries, ms", _ms(quiet.p99()), _ms(mixed.p99()), _ms(bound), mixed.p99() <= bound)
    slowest = mixed.slowest_probe()
    yield Check(
        "slowest /healthz, ms",
        _ms(quiet.slowest_probe()),
        _ms(slowest),
        _ms(MAX_PROBE_SECONDS),
        slowest < MAX_PROBE_SECONDS,
    )
    max_bytes = MAX_GROWTH * measured.quiet_bytes
    yield Check(
        "memory afterwards, MiB",
        _mib(measured.quiet_bytes),
        _mib(measured.remaining_bytes),
        _mib(max_bytes),
        measured.remaining_bytes <= max_bytes,
    )
    failures = len(mixed.failures) + len(measured.report["failures"])
    yield Check("failed responses", str(len(quiet.failures)), str(failures), "0", failures + len(quiet.failures) == 0)
    yield Check("errors in the log", "", str(len(measured.errors)), "0", not measured.errors)


def format_table(measured: Measurements) -> str:
    """Return the table of the checks, then what the hostile clients did, then examples of failures."""
    lines = [f"{'':28}{'quiet':>10}{'mixed':>10}{'bound':>10}"]
    for check in checks(measured):
        verdict = "" if check.holds else "  FAILED"
        lines.append(f"{check.name:28}{check.quiet:>10}{check.mixed:>10}{check.bound:>10}{verdict}")
    quiet, mixed = measured.quiet, measured.mixed
    lines += [
        f"{'normal queries':28}{len(quiet.query_seconds):>10}{len(mixed.query_seconds):>10}",
        f"{'CPU of the service, cores':28}{quiet.busy:>10.2f}{mixed.busy:>10.2f}",
        f"{'  and waiting for a core':28}{quiet.stalled:>10.2f}{mixed.stalled:>10.2f}",
        "",
        "hostile clients: rounds, responses by status",
    ]
    for name, rounds in sorted(measured.report["rounds"].items()):
        statuses = measured.report["statuses"].get(name, {})
        lines.append(f"  {name:40}{rounds:>6}  {' '.join(f'{status}: {n}' for status, n in sorted(statuses.items()))}")
    failures = [*measured.quiet.failures, *measured.mixed.failures, *measured.report["failures"], *measured.errors]
    return "\n".join([*lines, *(f"failure: {failure[:400]}" for failure in failures[:10]), ""])


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def _mib(size: float) -> str:
    return f"{size / _MEGABYTE:.1f}"
