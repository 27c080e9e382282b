"""The tables of a run."""

from collections.abc import Mapping

from .contenders import Contender
from .measure import Cell, Figures

Medians = Mapping[tuple[str, Contender, Cell], Figures]
_HEAD = ("server", "state", "latency", "connections", "callers", "req/s", "p50 ms", "p99 ms", "CPU ms", "MB", "calls")


def tables(medians: Medians) -> dict[str, list[tuple[str, ...]]]:
    """For each workload a table with its head, in the order in which they were measured."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for (workload, contender, cell), figures in sorted(medians.items(), key=lambda item: item[0][2]):
        found.setdefault(workload, [_HEAD]).append(_row(contender, cell, figures))
    return found


def _row(contender: Contender, cell: Cell, figures: Figures) -> tuple[str, ...]:
    return (
        contender.name,
        contender.state,
        f"{cell.latency} ms",
        str(cell.connections),
        "each another" if cell.callers else "one",
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
    """For a terminal: words to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
