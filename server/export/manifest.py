"""The manifest of a file: what is in it, what is not, and why. Its sums let a reader check what arrived."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from resolvers.focus.record import Record, Value
from schema.coverage import Coverage, CoverageStatus, FailureCode
from schema.focus import FocusGapKind
from schema.focus_columns import Column
from schema.scalars import EXACT, format_decimal, format_rfc3339

MAX_LEFT_OUT = 1_000  # rows that the manifest names; it counts further ones
MAX_INVOICES = 10_000  # invoices whose sums the manifest has; it counts further ones
_SEVERITY = ("complete", "unlisted", "stale", "partial")


@dataclass(slots=True)
class Sums:
    """Exact sums and the number of rows, by currency. A row without an amount or a currency is only counted."""

    rows: int = 0
    unpriced: int = 0
    by_currency: dict[str, Decimal] = field(default_factory=dict)

    def add(self, amount: Value | None, currency: Value | None) -> None:
        self.rows += 1
        if isinstance(amount, Decimal) and isinstance(currency, str):
            self.by_currency[currency] = EXACT.add(self.by_currency.get(currency, Decimal(0)), amount)
        else:
            self.unpriced += 1

    def to_json(self) -> dict[str, Any]:
        sums = [{"currency": code, "sum": format_decimal(self.by_currency[code])} for code in sorted(self.by_currency)]
        return {"rows": self.rows, "unpriced": self.unpriced, "sums": sums}


@dataclass(slots=True)
class Contents:
    """What is known about a file while it is made."""

    totals: Sums = field(default_factory=Sums)
    invoices: dict[str, Sums] = field(default_factory=dict)
    more_invoices: int = 0
    gaps: Counter[tuple[str, FocusGapKind]] = field(default_factory=Counter)
    reasons: dict[tuple[str, FocusGapKind], str] = field(default_factory=dict)  # of the first gap of each kind
    left_out: list[dict[str, str]] = field(default_factory=list)
    left_out_count: int = 0
    months: set[str] = field(default_factory=set)  # in which a billing period starts
    updated: dict[str, datetime] = field(default_factory=lambda: defaultdict(lambda: datetime.min.replace(tzinfo=UTC)))

    def begin_invoice(self, invoice_id: str, month: str, observed_at: datetime) -> Sums:
        """Return the sums of the invoice, to which its rows are added."""
        self.months.add(month)
        self.updated[month] = max(self.updated[month], observed_at)
        if len(self.invoices) < MAX_INVOICES:
            return self.invoices.setdefault(invoice_id, Sums())
        self.more_invoices += 1
        return Sums()

    def add_gaps(self, record: Record, columns: frozenset[str]) -> None:
        for gap in record.gaps:
            if gap.column in columns:
                self.gaps[gap.column, gap.kind] += 1
                self.reasons.setdefault((gap.column, gap.kind), gap.reason)

    def leave_out(self, row_id: str, column: str, reason: str) -> None:
        self.left_out_count += 1
        if len(self.left_out) < MAX_LEFT_OUT:
            self.left_out.append({"id": row_id, "column": column, "reason": reason})

    @property
    def missing(self) -> list[tuple[str, int]]:
        """The columns that keep rows from conforming, each with its number of rows."""
        return sorted((column, count) for (column, kind), count in self.gaps.items() if kind is FocusGapKind.MISSING)

    def to_json(self) -> dict[str, Any]:
        return {
            **self.totals.to_json(),
            "leftOut": {"count": self.left_out_count, "rows": self.left_out},
            "gaps": [
                {"column": column, "kind": kind.name, "rows": count, "reason": self.reasons[column, kind]}
                for (column, kind), count in sorted(self.gaps.items(), key=lambda item: (item[0][0], item[0][1].name))
            ],
            "invoices": {
                "count": len(self.invoices) + self.more_invoices,
                "withoutRows": sum(not sums.rows for sums in self.invoices.values()),
                "sums": [{"invoice": key, **sums.to_json()} for key, sums in self.invoices.items()],
            },
        }


def coverage_word(coverage: Sequence[Coverage]) -> str:
    """Return the worst of complete, unlisted, stale and partial, over all accounts."""
    return max(map(_word, coverage), key=_SEVERITY.index, default="complete")


def _word(entry: Coverage) -> str:
    if entry.status is CoverageStatus.COMPLETE:
        return "complete"
    if entry.status is CoverageStatus.STALE:
        return "stale"
    return "unlisted" if entry.code is FailureCode.UNLISTED else "partial"


def coverage_json(coverage: Sequence[Coverage]) -> list[dict[str, Any]]:
    return [
        {
            "account": str(entry.account.id),
            "status": entry.status.name,
            "code": entry.code and entry.code.name,
            "message": entry.message,
            "asOf": entry.as_of and format_rfc3339(entry.as_of),
        }
        for entry in coverage
    ]


def column_definition(column: Column) -> dict[str, Any]:
    """Return the column as the metadata of FOCUS describes it."""
    definition: dict[str, Any] = {"ColumnName": column.name, "DataType": column.type.name}
    if column.type.name == "DECIMAL":
        definition |= {"NumericPrecision": 38, "NumberScale": column.scale}
    if column.type.name in {"STRING", "JSON"}:
        definition["StringEncoding"] = "UTF-8"
    return definition
