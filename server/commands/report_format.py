"""A report as a table for people, or as JSON or CSV for programs."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from schema.discrepancy import Discrepancy, DiscrepancyConnection
from schema.focus_columns import number, text
from schema.scalars import format_decimal
from schema.spend import Spend, SpendKey, SpendRow
from schema.values import Money
from server.export.csv_file import CsvFile
from server.export.manifest import coverage_json, coverage_word

_AMOUNTS = ("billed", "charges", "credits", "adjustments", "taxes")
_COUNTS = ("invoices", "lines", "unpriced")
_CHECK = ("severity", "code", "verdict", "account", "invoice", "subject", "expected", "actual", "currency", "unit")


class Report(NamedTuple):
    """What a report says. It has at most one page of discrepancies."""

    month: str
    keys: Sequence[SpendKey]
    spend: Spend
    discrepancies: DiscrepancyConnection


Format = Callable[[Report], str]


def as_json(report: Report) -> str:
    month, keys, spend, discrepancies = report
    content = {
        "month": month,
        "rows": [_values(row, keys) for row in spend.rows],
        "totals": [_values(row, ()) for row in spend.totals],
        "discrepancies": [_check(discrepancy) for discrepancy in discrepancies.nodes],
        "hasMoreDiscrepancies": discrepancies.page_info.has_next_page,
        "coverage": {"status": coverage_word(spend.coverage), "accounts": coverage_json(spend.coverage)},
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode() + "\n"


def as_csv(report: Report) -> str:
    """Return the rows. They have no totals, because a program adds them itself, and no discrepancies."""
    keys, spend = report.keys, report.spend
    columns = [text(_name(key), "") for key in keys] + [text("currency", "")]
    columns += [number(name, "") for name in (*_AMOUNTS, *_COUNTS)]
    file = io.BytesIO()
    writer = CsvFile(file, columns, guard=True)
    for row in spend.rows:
        money = [getattr(row, name) and getattr(row, name).amount for name in _AMOUNTS]
        counts = [str(getattr(row, name)) for name in _COUNTS]
        writer.write([*(_key_value(row, key) for key in keys), row.currency, *money, *counts])
    return file.getvalue().decode()


def as_table(report: Report) -> str:
    month, keys, spend, discrepancies = report
    header = [*map(_name, keys), "currency", *_AMOUNTS, *_COUNTS]
    rows = [_cells(_shown(row, keys), header) for row in spend.rows]
    totals = [_cells(_shown(row, ()) | {header[0]: "total"}, header) for row in spend.totals if keys]
    lines = _align([[name.upper() for name in header], *rows, *totals], len(keys) + 1)
    coverage = [f"{entry.account.id}: {entry.status.name}. {entry.message or ''}".rstrip() for entry in spend.coverage]
    return "\n".join([f"Spend of {month}", "", *lines, "", *_check_lines(discrepancies), "", *coverage, ""])


def _check_lines(discrepancies: DiscrepancyConnection) -> list[str]:
    if not discrepancies.nodes:
        return ["No discrepancies."]
    rows = [_cells(_check(discrepancy), _CHECK) for discrepancy in discrepancies.nodes]
    more = ["There are more discrepancies."] if discrepancies.page_info.has_next_page else []
    return [*_align([[name.upper() for name in _CHECK], *rows], len(_CHECK)), *more]


def _check(discrepancy: Discrepancy) -> dict[str, str | None]:
    check, invoice = discrepancy.check, discrepancy.invoice
    return {
        "severity": check.severity.name,
        "code": check.code.name,
        "verdict": check.verdict.name,
        "account": str(discrepancy.account.id),
        "invoice": str(invoice.id) if invoice else None,
        "subject": str(check.subject),
        "expected": None if check.expected is None else format_decimal(check.expected),
        "actual": None if check.actual is None else format_decimal(check.actual),
        "currency": check.currency,
        "unit": check.unit,
    }


def _cells(values: Mapping[str, Any], header: Sequence[str]) -> list[str]:
    return ["" if values.get(name) is None else str(values[name]) for name in header]


def _shown(row: SpendRow, keys: Sequence[SpendKey]) -> dict[str, Any]:
    """Return the values of one row. A currency that is not known leaves the amounts empty."""
    return _values(row, keys) | {"currency": row.currency or "unknown"}


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
