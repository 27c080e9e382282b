"""A report as a table for people, or as JSON or CSV for programs."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from schema.focus_columns import number, text
from schema.scalars import format_decimal
from schema.spend import Spend, SpendKey, SpendRow
from schema.values import Money
from server.export.csv_file import CsvFile
from server.export.manifest import coverage_json, coverage_word

_AMOUNTS = ("billed", "charges", "credits", "adjustments", "taxes")
_COUNTS = ("invoices", "lines", "unpriced")
Format = Callable[[str, Sequence[SpendKey], Spend], str]


def as_json(month: str, keys: Sequence[SpendKey], spend: Spend) -> str:
    report = {
        "month": month,
        "rows": [_values(row, keys) for row in spend.rows],
        "totals": [_values(row, ()) for row in spend.totals],
        "coverage": {"status": coverage_word(spend.coverage), "accounts": coverage_json(spend.coverage)},
    }
    return orjson.dumps(report, option=orjson.OPT_INDENT_2).decode() + "\n"


def as_csv(_: str, keys: Sequence[SpendKey], spend: Spend) -> str:
    """Return the rows. They have no totals, because a program adds them itself."""
    columns = [text(_name(key), "") for key in keys] + [text("currency", "")]
    columns += [number(name, "") for name in (*_AMOUNTS, *_COUNTS)]
    file = io.BytesIO()
    writer = CsvFile(file, columns, guard=True)
    for row in spend.rows:
        money = [getattr(row, name) and getattr(row, name).amount for name in _AMOUNTS]
        counts = [str(getattr(row, name)) for name in _COUNTS]
        writer.write([*(_key_value(row, key) for key in keys), row.currency, *money, *counts])
    return file.getvalue().decode()


def as_table(month: str, keys: Sequence[SpendKey], spend: Spend) -> str:
    header = [*map(_name, keys), "currency", *_AMOUNTS, *_COUNTS]
    rows = [_cells(_values(row, keys), header) for row in spend.rows]
    totals = [_cells(_values(row, ()) | {header[0]: "total"}, header) for row in spend.totals if keys]
    lines = _align([[name.upper() for name in header], *rows, *totals], len(keys) + 1)
    coverage = [f"{entry.account.id}: {entry.status.name}. {entry.message or ''}".rstrip() for entry in spend.coverage]
    return "\n".join([f"Spend of {month}", "", *lines, "", *coverage, ""])


def _cells(values: Mapping[str, Any], header: Sequence[str]) -> list[str]:
    """Return the cells of one row. A currency that is not known leaves the amounts empty."""
    shown = {**values, "currency": values["currency"] or "unknown"}
    return ["" if shown.get(name) is None else str(shown[name]) for name in header]


def _align(rows: Sequence[Sequence[str]], texts: int) -> list[str]:
    """Align columns: the first `texts` to the left, and numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            f"{cell:<{width}}" if index < texts else f"{cell:>{width}}"
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _values(row: SpendRow, keys: Sequence[SpendKey]) -> dict[str, Any]:
    amounts = {name: _amount(getattr(row, name)) for name in _AMOUNTS}
    counts = {name: getattr(row, name) for name in _COUNTS}
    return {**{_name(key): _key_value(row, key) for key in keys}, "currency": row.currency, **amounts, **counts}


def _amount(money: Money | None) -> str | None:
    return None if money is None else format_decimal(money.amount)


def _name(key: SpendKey) -> str:
    return key.name.lower()


def _key_value(row: SpendRow, key: SpendKey) -> str | None:
    """Return the id of a node, the name of an enum's member, or the text."""
    value = getattr(row, _name(key))
    if value is None:
        return None
    identity = getattr(value, "id", None) or getattr(value, "name", None)
    return str(identity or value)


FORMATS: Mapping[str, Format] = {"table": as_table, "json": as_json, "csv": as_csv}
