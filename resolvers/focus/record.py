"""Records: the values of a dataset's columns for one charge, and their gaps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from providers.errors import ProviderError
from providers.registry import ProviderSpec
from providers.settings import AccountSettings
from schema.account import Account
from schema.focus import FocusGap, FocusGapKind
from schema.focus_columns import Column
from schema.invoice import Invoice
from schema.line_item import LineItem

_NOT_STATED = "The provider does not state it."
_UNREADABLE = "The provider states it in a form that cannot be read."
_PLACEHOLDERS = {"", "N/A"}  # FOCUS forbids them: a value that is absent is null


@dataclass(frozen=True, slots=True)
class BillingAccount:
    """An account, and what its provider and its operator say about it."""

    account: Account
    spec: ProviderSpec
    settings: AccountSettings
    reference: str | None  # its id at the provider


@dataclass(slots=True)
class Charge:
    """A line item of an invoice: what a record is about."""

    line: LineItem
    invoice: Invoice
    billing: BillingAccount


class Derived(NamedTuple):
    """A value that is not stated, but follows from other facts."""

    value: object
    reason: str


class Missing(NamedTuple):
    """A value that is not known, and why."""

    reason: str


Value = str | Decimal | datetime | Mapping[str, object]  # by the type of the column
Source = Callable[[Charge], object]  # returns a value, None, Derived or Missing
Sources = Mapping[Column, Source]


class Record(NamedTuple):
    """The values by column, and the gaps in the order of the columns."""

    values: dict[Column, Value | None]
    gaps: list[FocusGap]

    @property
    def missing(self) -> list[str]:
        """The columns for want of which the record does not conform."""
        return [gap.column for gap in self.gaps if gap.kind is FocusGapKind.MISSING]


def read_record(sources: Sources, charge: Charge) -> Record:
    """Compute each column. One that cannot be read is a gap."""
    values: dict[Column, Value | None] = {}
    gaps: list[FocusGap] = []
    for column, source in sources.items():
        value = _read(source, charge)
        if isinstance(value, Derived):
            gaps.append(FocusGap(column=column.name, kind=FocusGapKind.DERIVED, reason=value.reason))
            value = value.value
        elif isinstance(value, Missing):
            gaps.append(FocusGap(column=column.name, kind=FocusGapKind.MISSING, reason=value.reason))
            value = None
        values[column] = normal = _normal(value)
        if normal is None and not column.is_nullable and not (gaps and gaps[-1].column == column.name):
            gaps.append(FocusGap(column=column.name, kind=FocusGapKind.MISSING, reason=_NOT_STATED))
    return Record(values, gaps)


def _read(source: Source, charge: Charge) -> object:
    try:
        return source(charge)
    except ProviderError:
        return Missing(_UNREADABLE)


def _normal(value: object) -> Value | None:
    """Return the value as FOCUS wants it: no placeholders, whole seconds in UTC, objects without empty members."""
    match value:
        case str():
            return None if value.strip().upper() in _PLACEHOLDERS else value
        case datetime():
            return value.astimezone(UTC).replace(microsecond=0)
        case Mapping():
            return {name: text for name, item in value.items() if (text := _normal(item)) is not None} or None
    return value  # type: ignore[return-value] # a Decimal or None
