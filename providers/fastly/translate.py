"""Translation of Fastly's invoices to schema types. Pure: no I/O."""

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
from schema.scalars import CurrencyCode, parse_currency_code
from schema.values import BillingPeriod, money_or_none

from . import wire
from .details import FastlyInvoiceDetails
from .line_items import line_items

_PAYMENT_STATUS = {"paid": PaymentStatus.PAID, "outstanding": PaymentStatus.PENDING}


def invoice(payload: wire.Invoice, account_ref: AccountRef, observed_at: datetime) -> Invoice:
    """Translate a posted invoice. Raises Unintelligible if it lacks its id or its period."""
    period = _period(payload)
    provider_key = fields.text(payload, "invoice_id")
    if provider_key is None or period is None:
        raise Unintelligible(account_ref, "an invoice lacks its id or its period")
    currency = _currency(payload) or account_ref.currency
    return _invoice(payload, account_ref, observed_at, provider_key, period, currency)


def month_to_date(
    payload: wire.Invoice, account_ref: AccountRef, observed_at: datetime, currency: CurrencyCode | None = None
) -> Invoice:
    """Translate the month to date. Raises Unintelligible if it lacks its period.

    Its own id changes with each request, so its key is MONTH_TO_DATE. Fastly names no currency in it: without one,
    the invoice has no money, and `with_currency` translates it again with a currency.
    """
    start, end = fields.instant(payload, "billing_start_date"), fields.instant(payload, "billing_end_date")
    if start is None or end is None or end < start:
        raise Unintelligible(account_ref, "the month to date lacks its period")
    currency = currency or _currency(payload)
    period = BillingPeriod(start=start, end=end)
    invoice = _invoice(payload, account_ref, observed_at, MONTH_TO_DATE, period, currency)
    invoice.status, invoice.issued_at = InvoiceStatus.OPEN, None
    if currency is None:
        invoice.with_currency = partial(month_to_date, payload, account_ref, observed_at)
    return invoice


def _invoice(
    payload: wire.Invoice,
    account_ref: AccountRef,
    observed_at: datetime,
    provider_key: str,
    period: BillingPeriod,
    currency: CurrencyCode | None,
) -> Invoice:
    invoice = _INVOICE(payload, account_ref, provider_key, currency)
    invoice.id, invoice.account_id = strawberry.ID(account_ref.invoice_id(provider_key)), account_ref.id
    invoice.period, invoice.observed_at = period, observed_at
    invoice.status, invoice.payload = InvoiceStatus.ISSUED, payload
    return invoice


def _period(payload: wire.Invoice) -> BillingPeriod | None:
    return fields.period(fields.instant(payload, "billing_start_date"), fields.instant(payload, "billing_end_date"))


def _currency(payload: wire.Invoice) -> CurrencyCode | None:
    return parse_currency_code(fields.text(payload, "currency_code") or "")


def _issued_at(payload: wire.Invoice) -> datetime | None:
    """Return the instant of posting. Returns None if it is before the end of the period: then it is no issue date."""
    period, posted_on = _period(payload), fields.instant(payload, "invoice_posted_on")
    return posted_on if period and posted_on and posted_on >= period.end else None


def payment_states(payload: wire.Invoice) -> list[PaymentState] | None:
    """Return the one payment state that Fastly states, without an instant. Returns None if it states none."""
    word = fields.text(payload, "payment_status")
    if word is None:
        return None
    status = _PAYMENT_STATUS.get(word, PaymentStatus.UNRECOGNIZED)
    return [PaymentState(status=status, word=word, message=None, at=None)]


_DETAILS = ColumnSet(
    FastlyInvoiceDetails,
    {
        "reference": lambda payload, provider_key: fields.text(payload, "invoice_id") or provider_key,
        "customer": TextColumn("customer_id", fields.text),
        "statement_number": TextColumn("statement_number", fields.text),
        "posted_on": lambda payload, _provider_key: fields.instant(payload, "invoice_posted_on"),
    },
)
_INVOICE = ColumnSet(
    Invoice,
    {
        **dict.fromkeys(("credit_part", "charge_part"), lambda *_: None),
        "number": TextColumn("statement_number", fields.text),
        "issued_at": lambda payload, *_: _issued_at(payload),
        "total_without_lookup": lambda payload, _account_ref, _provider_key, currency: money_or_none(
            fields.number(payload, "monthly_transaction_amount"), currency
        ),
        "payment_states": lambda payload, *_: payment_states(payload),
        "payment_status": lambda payload, *_: current_status(payment_states(payload)),
        "details": lambda payload, _account_ref, provider_key, _currency: _DETAILS(payload, provider_key),
        "line_part": lambda payload, account_ref, provider_key, currency: LazyValue(
            partial(line_items, payload, account_ref, provider_key, currency)
        ),
    },
)
