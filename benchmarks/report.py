"""The tables of a run."""

from .figures import Asked, Figures, Medians
from .workloads import WORKLOADS

_HEAD = ("server", "state", "latency", "connections", "callers", "req/s", "p50 ms", "p99 ms", "CPU ms", "MB", "calls")


def tables(medians: Medians) -> dict[str, list[tuple[str, ...]]]:
    """One table with its head for each workload."""
    by_way = sorted(medians, key=lambda asked: asked[2])
    rows = {name: [_row(asked, medians[asked]) for asked in by_way if asked[0] == name] for name in WORKLOADS}
    return {name: [_HEAD, *found] for name, found in rows.items() if found}


def _row(asked: Asked, figures: Figures) -> tuple[str, ...]:
    _, contender, cell = asked
    return (
        contender.name,
        contender.state,
        f"{cell.latency} ms",
        str(cell.connections),
        "one per request" if cell.callers else "one",
        _short(figures.per_second),
        _short(figures.p50),
        _short(figures.p99),
        _short(figures.cpu),
        f"{figures.memory:.0f}",
        f"{figures.calls:.2f}",
    )


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def aligned(rows: list[tuple[str, ...]]) -> str:
    """A table for a terminal: words aligned left, numbers right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def markdown(rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    head, *body = rows
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *body))
