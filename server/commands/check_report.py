"""Formats the results of `invoicegraph check`: as text for people, as JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from server.check import CheckResult, Measurements

MIN_WIDTH = 100  # columns: a pipe has no width of its own, and Docker reports 0


def print_text(results: Sequence[CheckResult]) -> None:
    """Print a line with a sentence for each result, then a table of what was measured."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    rows = [(f"{one.account} ({one.name})" if one.name else one.account, one.result, one.message) for one in results]
    for line in _aligned([("ACCOUNT", "RESULT", "MESSAGE"), *rows]):
        console.out(line, highlight=False)
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="")
    for heading in ("ACCOUNT", "PROVIDER", "CAUSE", "LATENCY", "NEWEST", "CLOCK SKEW", "RATE LIMIT", "CACHE"):
        table.add_column(heading, no_wrap=True)
    for one in results:
        if one.measured:
            table.add_row(one.account, *_cells(one.measured))
    console.width = max(MIN_WIDTH, table.__rich_measure__(console, console.options.update(max_width=500)).maximum)
    console.print()
    console.print(table)


def to_json(results: Sequence[CheckResult]) -> str:
    """Return the results as a JSON array. Unknown values are null."""
    return json.dumps([asdict(result) for result in results], indent=2, ensure_ascii=False)


def _cells(values: Measurements) -> Iterable[str]:
    latency, skew = values.latency_ms, values.clock_skew_seconds
    return (
        values.provider,
        values.cause or "-",
        "-" if latency is None else f"{latency} ms",
        values.newest_period or "-",
        "-" if skew is None else f"{skew:+d} s" if skew else "none",
        values.rate_limit,
        values.cache,
    )


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return [f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}" for row in rows]
