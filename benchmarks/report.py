"""Tables of the results."""

from .figures import Figures, MeasurementKey, Medians
from .workloads import WORKLOADS

_HEADER = ("server", "state", "latency", "connections", "callers", "req/s", "p50 ms", "p99 ms", "CPU ms", "MB", "calls")


def result_tables(medians: Medians) -> dict[str, list[tuple[str, ...]]]:
    """Return a table with its header for each measured workload."""
    keys = sorted(medians, key=lambda key: key[2])
    rows = {name: [_row(key, medians[key]) for key in keys if key[0] == name] for name in WORKLOADS}
    return {name: [_HEADER, *body] for name, body in rows.items() if body}


def _row(key: MeasurementKey, figures: Figures) -> tuple[str, ...]:
    _, contender, cell = key
    return (
        contender.name,
        contender.state,
        f"{cell.latency} ms",
        str(cell.connections),
        "one per request" if cell.callers else "one",
        _format_number(figures.per_second),
        _format_number(figures.p50),
        _format_number(figures.p99),
        _format_number(figures.cpu),
        f"{figures.memory:.0f}",
        f"{figures.calls:.2f}",
    )


def _format_number(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def format_text(rows: list[tuple[str, ...]]) -> str:
    """Return a table for a terminal: text aligned left, numbers right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def format_markdown(rows: list[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    header, *body = rows
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, ("---",) * len(header), *body))
