"""What figures of an invoice can be compared. Each provider declares its checks; `resolvers.finance` judges them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import NamedTuple

from iso4217 import Currency

from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.payment import PaymentState, PaymentStatus
from schema.reconciliation import CheckCode, CheckReason
from schema.scalars import EXACT, CurrencyCode
from schema.values import Money

_UNLISTED_CURRENCIES = "currencies that ISO 4217 does not list"


@dataclass(frozen=True, slots=True)
class InvoiceFigures:
    """What is known about an invoice without a further call."""

    invoice: Invoice
    lines: Sequence[LineItem] | None  # None: the provider lists none
    listed: Invoice | None = None  # as the list shows it, if it was read
    detailed: Invoice | None = None  # as the provider shows it by itself, if it was read


class Comparison(NamedTuple):
    """Two figures that should be equal. A tolerance applies to money only."""

    subject: str  # id of what they are about
    expected: Decimal | None
    actual: Decimal | None
    addends: int = 1  # numbers that were rounded before they were added
    currency: CurrencyCode | None = None  # of money
    unit: str | None = None  # what is counted, if it is not money
    reason: CheckReason | None = None  # why they cannot be compared
    doubt: CheckReason | None = None  # why a mismatch would prove nothing


class InvoiceCheck(NamedTuple):
    """A check and its comparisons: one for each part of the invoice that it is about.

    `compare` raises ProviderError if an amount cannot be read.
    """

    code: CheckCode
    compare: Callable[[InvoiceFigures], Iterable[Comparison]]


def unknown(subject: str, reason: CheckReason, unit: str | None = None) -> Comparison:
    """Return a comparison that cannot be made."""
    return Comparison(subject, None, None, reason=reason, unit=unit)


def compare_sum(
    subject: str,
    invoice: Invoice,
    expected: Money | None,
    parts: Iterable[Money | None] | None,
    doubt: CheckReason | None = None,
) -> Comparison:
    """Compare an amount of the invoice with the sum of its parts. `parts` is None if no parts are stated."""
    if parts is None:
        return unknown(subject, CheckReason.NOT_STATED)
    if invoice.currency is None:
        return unknown(subject, CheckReason.NO_CURRENCY)
    amounts = list(parts)
    if expected is None or None in amounts:
        return unknown(subject, CheckReason.NOT_STATED)
    stated = [money for money in amounts if money is not None]
    if any(money.currency != expected.currency for money in stated):
        return unknown(subject, CheckReason.MIXED_CURRENCIES)
    total = reduce(EXACT.add, (money.amount for money in stated), Decimal(0))
    return Comparison(subject, expected.amount, total, len(stated), expected.currency, doubt=doubt)


def compare_product(
    subject: str,
    invoice: Invoice,
    price: Money | None,
    number: Decimal | None,
    cost: Money | None,
    doubt: CheckReason | None = None,
) -> Comparison:
    """Compare a price times a number with a cost."""
    if invoice.currency is None:
        return unknown(subject, CheckReason.NO_CURRENCY)
    if price is None or number is None or cost is None:
        return unknown(subject, CheckReason.NOT_STATED)
    if price.currency != cost.currency:
        return unknown(subject, CheckReason.MIXED_CURRENCIES)
    return Comparison(subject, EXACT.multiply(price.amount, number), cost.amount, 1, cost.currency, doubt=doubt)


def compare_count(subject: str, expected: int, actual: int, unit: str) -> Comparison:
    return Comparison(subject, Decimal(expected), Decimal(actual), unit=unit)


def _lines_total(figures: InvoiceFigures) -> Iterator[Comparison]:
    invoice = figures.invoice
    costs = None if figures.lines is None else (line.cost for line in figures.lines)
    yield compare_sum(str(invoice.id), invoice, invoice.total_without_lookup, costs)


def _line_product(figures: InvoiceFigures) -> Iterator[Comparison]:
    for line in figures.lines or ():
        number = line.quantity.amount if line.quantity else None
        yield compare_product(str(line.id), figures.invoice, line.unit_price, number, line.cost)


def _currency(figures: InvoiceFigures) -> Iterator[Comparison]:
    invoice = figures.invoice
    if invoice.currency is None and not figures.lines:  # there is no money
        yield unknown(str(invoice.id), CheckReason.NOT_STATED, _UNLISTED_CURRENCIES)
        return
    is_listed = invoice.currency is not None and _is_in_iso_4217(invoice.currency)
    yield compare_count(str(invoice.id), 0, 0 if is_listed else 1, _UNLISTED_CURRENCIES)


def _is_in_iso_4217(code: CurrencyCode) -> bool:
    try:
        Currency(code)
    except ValueError:
        return False
    return True


def _payment_history(figures: InvoiceFigures) -> Iterator[Comparison]:
    invoice, unit = figures.invoice, "contradictions"
    states = invoice.payment_states
    if states is None:
        yield unknown(str(invoice.id), CheckReason.NOT_STATED, unit)
    else:
        yield compare_count(str(invoice.id), 0, _contradictions(states), unit)


def _contradictions(states: Sequence[PaymentState]) -> int:
    """Count the contradictions in a history, which is sorted.

    Two words at the newest instant, or several without an instant, are one; so is each state after a payment.
    """
    newest = {state.word for state in states if state.at == states[-1].at}
    paid_at = min((state.at for state in states if state.status is PaymentStatus.PAID and state.at), default=None)
    later = [
        state
        for state in states
        if paid_at and state.at and state.at > paid_at and state.status is not PaymentStatus.PAID
    ]
    return (len(newest) > 1) + len(later)


def list_detail(amount: Callable[[Invoice], Money | None]) -> InvoiceCheck:
    """Return the check that both ways of reading an invoice state the same amount."""

    def compare(figures: InvoiceFigures) -> Iterator[Comparison]:
        subject = str(figures.invoice.id)
        if figures.listed is None or figures.detailed is None:
            yield unknown(subject, CheckReason.NOT_READ)
            return
        listed, detailed = amount(figures.listed), amount(figures.detailed)
        if listed is None or detailed is None:
            yield unknown(subject, CheckReason.NOT_STATED)
        elif listed.currency != detailed.currency:
            yield unknown(subject, CheckReason.MIXED_CURRENCIES)
        else:
            yield Comparison(subject, listed.amount, detailed.amount, currency=listed.currency)

    return InvoiceCheck(CheckCode.LIST_DETAIL, compare)


LINES_TOTAL = InvoiceCheck(CheckCode.LINES_TOTAL, _lines_total)
LINE_PRODUCT = InvoiceCheck(CheckCode.LINE_PRODUCT, _line_product)
CURRENCY = InvoiceCheck(CheckCode.CURRENCY, _currency)
PAYMENT_HISTORY = InvoiceCheck(CheckCode.PAYMENT_HISTORY, _payment_history)
DEFAULT_CHECKS = (LINES_TOTAL, LINE_PRODUCT, CURRENCY, PAYMENT_HISTORY)
