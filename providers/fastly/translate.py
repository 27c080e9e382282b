"""Fastly's words in the graph's vocabulary. Pure: wire in, schema types out."""

from datetime import datetime
from functools import partial

import strawberry

from execution.columns import ColumnSet, TextColumn
from execution.lazy import LazyValue
from providers import fields
from providers.account import AccountRef
from providers.errors import Unintelligible
from providers.source import MONTH_TO_DATE
from schema.invoice import Invoice, InvoiceStatus
from schema.payment import PaymentState, PaymentStatus, current_status
from schema.scalars import CurrencyCode, currency_code
from schema.values import BillingPeriod, money

from . import wire
from .details import FastlyInvoiceDetails
from .line_items import line_items

_STATUS = {"paid": PaymentStatus.PAID, "outstanding": PaymentStatus.PENDING}


def invoice(bill: wire.Invoice, owner: AccountRef, observed_at: datetime) -> Invoice:
    """A posted invoice; raises Unintelligible where it lacks its id or its period."""
    period = _period(bill)
    native = fields.text(bill, "invoice_id")
    if native is None or period is None:
        raise Unintelligible(owner, "an invoice lacks its id or its period")
    return _invoice(bill, owner, observed_at, native, period, _currency(bill) or owner.currency)


def month_to_date(
    bill: wire.Invoice, owner: AccountRef, observed_at: datetime, currency: CurrencyCode | None = None
) -> Invoice:
    """The running invoice. Its own id changes at each reading, and it names no currency: see Invoice.priced_in."""
    start, end = fields.instant(bill, "billing_start_date"), fields.instant(bill, "billing_end_date")
    if start is None or end is None or end < start:
        raise Unintelligible(owner, "the running invoice lacks its period")
    currency = currency or _currency(bill)
    found = _invoice(bill, owner, observed_at, MONTH_TO_DATE, BillingPeriod(start=start, end=end), currency)
    found.status, found.issued_at = InvoiceStatus.OPEN, None
    if currency is None:
        found.with_currency = partial(month_to_date, bill, owner, observed_at)
    return found


def _invoice(
    bill: wire.Invoice,
    owner: AccountRef,
    observed_at: datetime,
    native: str,
    period: BillingPeriod,
    currency: CurrencyCode | None,
) -> Invoice:
    found = _INVOICE(bill, owner, native, currency)
    found.id, found.account_id, found.period = strawberry.ID(owner.invoice(native)), owner.id, period
    found.observed_at, found.status, found.payload = observed_at, InvoiceStatus.ISSUED, bill
    return found


def _period(bill: wire.Invoice) -> BillingPeriod | None:
    return fields.period(fields.instant(bill, "billing_start_date"), fields.instant(bill, "billing_end_date"))


def _currency(bill: wire.Invoice) -> CurrencyCode | None:
    return currency_code(fields.text(bill, "currency_code") or "")


def _issued_at(bill: wire.Invoice) -> datetime | None:
    """When it was posted, unless that is said to be before its period ends."""
    period, posted = _period(bill), fields.instant(bill, "invoice_posted_on")
    return posted if period and posted and posted >= period.end else None


def payment_states(bill: wire.Invoice) -> list[PaymentState] | None:
    """The one state that Fastly gives, without an instant; null where it gives none."""
    word = fields.text(bill, "payment_status")
    if word is None:
        return None
    return [PaymentState(status=_STATUS.get(word, PaymentStatus.UNRECOGNIZED), word=word, message=None, at=None)]


_DETAILS = ColumnSet(
    FastlyInvoiceDetails,
    {  # of an invoice and its key
        "reference": lambda bill, native: fields.text(bill, "invoice_id") or native,
        "customer": TextColumn("customer_id", fields.text),
        "statement_number": TextColumn("statement_number", fields.text),
        "posted_on": lambda bill, _: fields.instant(bill, "invoice_posted_on"),
    },
)
_INVOICE = ColumnSet(
    Invoice,
    {  # of an invoice, its owner, its key and its currency
        **dict.fromkeys(("credit_part", "charge_part"), lambda *_: None),
        "number": TextColumn("statement_number", fields.text),
        "issued_at": lambda bill, *_: _issued_at(bill),
        "total_without_lookup": lambda bill, _, __, currency: money(
            fields.number(bill, "monthly_transaction_amount"), currency
        ),
        "payment_states": lambda bill, *_: payment_states(bill),
        "payment_status": lambda bill, *_: current_status(payment_states(bill)),
        "details": lambda bill, _, native, __: _DETAILS(bill, native),
        "line_part": lambda *of: LazyValue(partial(line_items, *of)),
    },
)
