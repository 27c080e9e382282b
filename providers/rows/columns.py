"""Columns, from which the fields of an object are computed: functions of a provider's row and of its context.

A row is a JSON object. A static method of a row class is a column too, where none of these suffices.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import reduce
from operator import itemgetter
from typing import Any, Protocol, TypeVar

from execution.columns import InlineColumn, TextColumn
from providers import fields
from providers.account import AccountRef
from schema.payment import PaymentState, PaymentStatus
from schema.scalars import EXACT, CurrencyCode, format_decimal, parse_currency_code
from schema.values import BillingPeriod, Money, Quantity, money_or_none

V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)
ColumnOf = Callable[[Any, Any], V]  # a Column, or a static method `(row, context)` of a row class


class Column(Protocol[V_co]):
    """A column as an object. Its type makes a type checker compare it with the attribute that it computes."""

    def __call__(self, row: Any, context: Any, /) -> V_co: ...


NOT_READ = object()


class InvoiceContext:
    """What is known about the invoice of a row: the second argument of every column.

    The columns `period`, `key` and `currency` of an invoice are computed in this order, before all others. So `key` can
    use `period`.
    """

    __slots__ = ("account_ref", "currency", "payment_states", "period", "provider_key")

    period: BillingPeriod  # of an invoice that is translated
    payment_states: Any  # list[PaymentState] or None after they are read

    def __init__(self, account_ref: AccountRef, provider_key: str = "", currency: CurrencyCode | None = None) -> None:
        self.account_ref, self.provider_key, self.currency = account_ref, provider_key, currency
        self.payment_states = NOT_READ


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _MoneyColumn(InlineColumn):
    fact: ColumnOf[str | None]


@dataclass(frozen=True, slots=True, eq=False)
class _NumberColumn:
    number_key: str
    absent: Decimal | None

    def __call__(self, row: Any, _context: Any, /) -> Any:
        return fields.number(row, self.number_key, self.absent)

    def fact(self, row: Any, _context: Any) -> str | None:
        return fields.canonical_number(row, self.number_key, self.absent)


@dataclass(frozen=True, slots=True, eq=False)
class _QuantityColumn(_NumberColumn):
    unit: str | ColumnOf[str | None] | None

    def __call__(self, row: Any, context: Any, /) -> Any:
        unit = self.unit(row, context) if callable(self.unit) else self.unit
        return fields.quantity(row, self.number_key, unit, self.absent)


def constant(value: V) -> Column[V]:
    return lambda _row, _context: value


never: Column[None] = constant(None)  # of an attribute that the provider does not state


def text(key: str, *fallback_keys: str) -> Column[str | None]:
    """Read the first text that is not blank under one of the keys."""
    if not fallback_keys:
        return TextColumn(key, fields.text)
    return TextColumn(key, lambda row, key: fields.text(row, key, *fallback_keys))


def number(key: str, absent: Decimal | None = None) -> Column[Decimal | None]:
    """Read a number. `absent` is the value if there is no such key: 0 for a provider that omits zeros."""
    return _NumberColumn(key, absent)


def instant(key: str) -> Column[datetime | None]:
    return lambda row, _context: fields.instant(row, key)


def day(key: str) -> Column[date | None]:
    return lambda row, _context: fields.day(row, key)


def money(key: str, absent: Decimal | None = None) -> Column[Money | None]:
    """Read an amount in the currency of the invoice. Returns None if one of the two is not stated.

    Raises Unintelligible if there is an amount that cannot be read: the field is then null with an error.
    `absent` has the same meaning as in `number`.
    """
    return _MoneyColumn(
        itemgetter(key),
        lambda row, context: amount_of(row, key, context, absent),
        fact=lambda row, context: None if context.currency is None else fields.canonical_number(row, key, absent),
    )


def amount_of(row: Any, key: str, context: InvoiceContext, absent: Decimal | None = None) -> Money | None:
    """Return an amount of the row. See `money`."""
    amount = fields.amount(row, key, context.account_ref, context.provider_key, absent)
    return money_or_none(amount, context.currency)


def quantity(
    key: str, unit: str | ColumnOf[str | None] | None, absent: Decimal | None = None
) -> Column[Quantity | None]:
    """Read a number of units. `unit` is the word for them, or the column that states it.

    `absent` has the same meaning as in `number`.
    """
    return _QuantityColumn(key, absent, unit)


def currency(key: str) -> Column[CurrencyCode | None]:
    """Read a currency, or take the configured one if none is stated.

    Returns None if a word is stated that is not a currency: the configured one would be a guess.
    """

    def read(row: Any, context: InvoiceContext) -> CurrencyCode | None:
        word = fields.text(row, key)
        return context.account_ref.currency if word is None else parse_currency_code(word)

    return read


def stated_currency(key: str) -> Column[CurrencyCode | None]:
    """Read a currency. Returns None if none is stated: the configured one may be wrong."""
    return lambda row, _context: parse_currency_code(fields.text(row, key) or "")


def period(start: str, end: str) -> Column[BillingPeriod | None]:
    """Read a billing period from the keys of its first and last day."""
    return lambda row, _context: fields.period(fields.written_instant(row, start), fields.written_instant(row, end))


def exact_period(start: str, end: str) -> Column[BillingPeriod | None]:
    """Read a billing period whose end is exact, also if it is a midnight."""

    def read(row: Any, _context: InvoiceContext) -> BillingPeriod | None:
        first, last = fields.instant(row, start), fields.instant(row, end)
        return BillingPeriod(start=first, end=last) if first and last and first <= last else None

    return read


def month(key: str) -> Column[BillingPeriod | None]:
    """Read a calendar month from the key of one of its days."""

    def read(row: Any, _context: InvoiceContext) -> BillingPeriod | None:
        first = fields.day(row, key)
        return fields.month(first.year, first.month) if first else None

    return read


def label(words: Mapping[str, str]) -> Column[str]:
    """Return the word for the key under which an object holds the row. The row is not in a list."""
    return lambda row, context: words[context.label_of(row)]


def payment(key: str, statuses: Mapping[str, PaymentStatus]) -> Column[list[PaymentState] | None]:
    """Read the only state of a payment, which has no instant. `statuses` says what the provider's words mean.

    The case of a word makes no difference.
    """
    by_word = {word.casefold(): status for word, status in statuses.items()}

    def read(row: Any, _context: InvoiceContext) -> list[PaymentState] | None:
        word = fields.text(row, key)
        if word is None:
            return None
        status = by_word.get(word.casefold(), PaymentStatus.UNRECOGNIZED)
        return [PaymentState(status=status, word=word, message=None, at=None)]

    return read


def within(path: str, column: ColumnOf[V]) -> Column[V]:
    """Read the column from a nested object. `path` holds the object's keys, with dots between them."""
    keys = path.split(".")
    if len(keys) == 1:
        return lambda row, context: column(fields.mapping(row, path), context)
    return lambda row, context: column(reduce(fields.mapping, keys, row), context)


def fact_of(column: ColumnOf[Any]) -> tuple[str | None, ColumnOf[Any]]:
    """Return the column of what a digest contains of a value: the same for each spelling of a number.

    The first item is the key of a text, which needs no call if it is not blank.
    """
    if isinstance(column, TextColumn):
        return column.key, column
    return None, getattr(column, "fact", None) or (lambda row, context: _plain(column(row, context)))


def _plain(value: object) -> object:
    match value:
        case Money(amount=amount) | Quantity(amount=amount) | (Decimal() as amount):
            return format_decimal(amount.normalize(EXACT))
        case Enum():
            return value.name
        case _:
            return value
