"""Records: the values of a dataset's columns for one charge, and their gaps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

from providers.errors import ProviderError
from providers.focus import stated
from providers.registry import ProviderSpec
from providers.settings import AccountSettings
from resolvers.accounts import ConnectedAccount
from schema.account import Account
from schema.focus import FocusGap, FocusGapKind
from schema.focus_columns import Column
from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.project import Project

_NOT_STATED = "The provider does not state it."
_UNREADABLE = "The provider states it in a form that cannot be read."


@dataclass(frozen=True, slots=True)
class BillingAccount:
    """An account, and what its provider and its operator say about it."""

    account: Account
    spec: ProviderSpec
    settings: AccountSettings
    reference: str | None  # its id at the provider


def billing_account(connected: ConnectedAccount, reference: str | None) -> BillingAccount:
    """Return what is known about an account. `reference` is used if the configuration has none."""
    source = connected.source
    return BillingAccount(connected.account, connected.spec, source.settings, source.reference or reference)


@dataclass(slots=True)
class Bill:
    """An invoice and its account: what a record is about."""

    invoice: Invoice
    billing: BillingAccount


@dataclass(slots=True)
class Charge(Bill):
    """A line item of an invoice: what a record is about."""

    line: LineItem
    project: Project | None = None  # if the charge is a project's share


class Derived(NamedTuple):
    """A value that is not stated, but follows from other facts."""

    value: object
    reason: str


class Missing(NamedTuple):
    """A value that is not known, and why."""

    reason: str


Value = str | Decimal | datetime | Mapping[str, object]  # by the type of the column
S = TypeVar("S")
Source = Callable[[S], object]  # from a Charge or a Bill to a value, None, Derived or Missing
Sources = Mapping[Column, Source[S]]


class Record(NamedTuple):
    """The values by column, and the gaps in the order of the columns."""

    values: dict[Column, Value | None]
    gaps: list[FocusGap]

    @property
    def missing(self) -> list[str]:
        """The columns for want of which the record does not conform."""
        return [gap.column for gap in self.gaps if gap.kind is FocusGapKind.MISSING]


def read_record(sources: Sources[S], subject: S) -> Record:
    """Compute each column. One that cannot be read is a gap."""
    values: dict[Column, Value | None] = {}
    gaps: list[FocusGap] = []
    for column, source in sources.items():
        found = _read(source, subject)
        value = values[column] = _normal(found.value if isinstance(found, Derived) else found)
        if isinstance(found, Missing):
            gaps.append(FocusGap(column=column.name, kind=FocusGapKind.MISSING, reason=found.reason))
        elif value is None and not column.is_nullable:
            gaps.append(FocusGap(column=column.name, kind=FocusGapKind.MISSING, reason=_NOT_STATED))
        elif isinstance(found, Derived):
            gaps.append(FocusGap(column=column.name, kind=FocusGapKind.DERIVED, reason=found.reason))
    return Record(values, gaps)


def _read(source: Source[S], subject: S) -> object:
    try:
        return source(subject)
    except ProviderError:
        return Missing(_UNREADABLE)


def _normal(value: object) -> Value | None:
    """Return the value as FOCUS wants it: no placeholders, whole seconds in UTC, objects without empty members."""
    match value:
        case str():
            return stated(value)
        case datetime():
            return value.astimezone(UTC).replace(microsecond=0)
        case Mapping():
            return {name: text for name, item in value.items() if (text := _normal(item)) is not None} or None
        case Decimal():
            return value
    return None  # for None and Missing
