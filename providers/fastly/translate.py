"""Fastly's words in the graph's vocabulary. Pure: wire in, schema types out."""

from datetime import datetime
from functools import partial

import strawberry

from providers import read
from providers.base import MONTH_TO_DATE
from providers.errors import Unintelligible
from providers.owner import Owner
from schema.invoice import Invoice, InvoiceStatus, Part
from schema.late import Key, Makers
from schema.payment import PaymentState, PaymentStatus, current
from schema.values import BillingPeriod, CurrencyCode, currency_code, money

from . import wire
from .details import FastlyInvoiceDetails
from .lines import line_items

_STATUS = {"paid": PaymentStatus.PAID, "outstanding": PaymentStatus.PENDING}


def invoice(bill: wire.Invoice, owner: Owner, observed_at: datetime) -> Invoice:
    """A posted invoice; raises Unintelligible where it lacks its id or its period."""
    period = read.period(read.instant(bill, "billing_start_date"), read.instant(bill, "billing_end_date"))
    native = read.text(bill, "invoice_id")
    if native is None or period is None:
        raise Unintelligible(owner, "an invoice lacks its id or its period")
    currency = currency_code(read.text(bill, "currency_code") or "") or owner.currency
    posted = read.instant(bill, "invoice_posted_on")
    return _invoice(
        bill,
        owner,
        observed_at,
        native,
        period,
        currency,
        issued_at=posted if posted and posted >= period.end else None,
    )


def month_to_date(
    bill: wire.Invoice, owner: Owner, observed_at: datetime, currency: CurrencyCode | None = None
) -> Invoice:
    """The running invoice. Its own id changes at each reading, and it names no currency: see Invoice.priced_in."""
    start, end = read.instant(bill, "billing_start_date"), read.instant(bill, "billing_end_date")
    if start is None or end is None or end < start:
        raise Unintelligible(owner, "the running invoice lacks its period")
    currency = currency or currency_code(read.text(bill, "currency_code") or "")
    found = _invoice(bill, owner, observed_at, MONTH_TO_DATE, BillingPeriod(start=start, end=end), currency)
    found.status = InvoiceStatus.OPEN
    if currency is None:
        found.priced_in = partial(month_to_date, bill, owner, observed_at)
    return found


def _invoice(
    bill: wire.Invoice,
    owner: Owner,
    observed_at: datetime,
    native: str,
    period: BillingPeriod,
    currency: CurrencyCode | None,
    issued_at: datetime | None = None,
) -> Invoice:
    states = payment_states(bill)
    return Invoice(
        id=strawberry.ID(owner.invoice(native)),
        account_id=owner.id,
        number=read.text(bill, "statement_number"),
        period=period,
        issued_at=issued_at,
        status=InvoiceStatus.ISSUED,
        stated_total=money(read.number(bill, "monthly_transaction_amount"), currency),
        payment_states=states,
        payment_status=current(states),
        observed_at=observed_at,
        details=_DETAILS(bill, native),
        lines=Part(partial(line_items, bill, owner, native, currency)),
        wire=bill,
    )


def payment_states(bill: wire.Invoice) -> list[PaymentState] | None:
    """The one state that Fastly gives, without an instant; null where it gives none."""
    word = read.text(bill, "payment_status")
    if word is None:
        return None
    return [PaymentState(status=_STATUS.get(word, PaymentStatus.UNRECOGNIZED), word=word, message=None, at=None)]


_DETAILS = Makers(
    FastlyInvoiceDetails,
    {  # of an invoice and its key
        "reference": lambda bill, native: read.text(bill, "invoice_id") or native,
        "customer": Key("customer_id", read.text),
        "statement_number": Key("statement_number", read.text),
        "posted_on": lambda bill, _: read.instant(bill, "invoice_posted_on"),
    },
)
