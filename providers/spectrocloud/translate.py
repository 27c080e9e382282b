"""Translation of Palette's invoices to schema types. Pure: no I/O."""

from datetime import datetime
from functools import partial

import strawberry

from execution.columns import ColumnSet
from execution.lazy import LazyValue
from providers import fields
from providers.account import AccountRef
from providers.errors import Unintelligible
from schema.invoice import Invoice, InvoiceStatus
from schema.payment import PaymentState, PaymentStatus, current_status, sort_states
from schema.scalars import CurrencyCode, parse_currency_code
from schema.values import BillingPeriod, money_or_none

from . import wire
from .credits import plan_credits
from .details import PostalAddress, SpectroCloudInvoiceDetails
from .line_items import line_items
from .products import free_credits, products
from .project_charges import project_charges

_PAYMENT_STATUS = {
    "Paid": PaymentStatus.PAID,
    "PaymentPending": PaymentStatus.PENDING,
    "PaymentInProgress": PaymentStatus.IN_PROGRESS,
    "PaymentFailed": PaymentStatus.FAILED,
}


def invoice(payload: wire.Invoice, account_ref: AccountRef, observed_at: datetime) -> Invoice:
    """Translate an invoice with all its parts. Raises Unintelligible if it lacks its uid or its period."""
    spec = _spec(payload)
    provider_key = fields.text(fields.mapping(payload, "metadata"), "uid")
    billing_period = period(spec)
    if provider_key is None or billing_period is None:
        raise Unintelligible(account_ref, "an invoice lacks its uid or its period")
    invoice = _INVOICE(payload, account_ref, provider_key, currency(spec, account_ref))
    invoice.id, invoice.account_id = strawberry.ID(account_ref.invoice_id(provider_key)), account_ref.id
    invoice.period, invoice.observed_at = billing_period, observed_at
    invoice.status, invoice.payload = InvoiceStatus.ISSUED, payload
    invoice.payment_states = states = payment_states(_status(payload))
    invoice.payment_status = current_status(states)
    return invoice


def _spec(payload: wire.Invoice) -> wire.Spec:
    return fields.mapping(payload, "spec")  # type: ignore[no-any-return]


def _status(payload: wire.Invoice) -> wire.Status:
    return fields.mapping(payload, "status")  # type: ignore[no-any-return]


def period(spec: wire.Spec) -> BillingPeriod | None:
    """Return the billing period. The billed month replaces a start or an end that is not stated."""
    payload = fields.mapping(spec, "billingPeriod")
    start, end = fields.instant(payload, "start"), fields.instant(payload, "end")
    if start is None or end is None:
        month = fields.instant(spec, "month")
        billed_month = fields.month(month.year, month.month) if month else None
        start, end = start or month, end or (billed_month.end if billed_month else None)
    return fields.period(start, end)


def currency(spec: wire.Spec, account_ref: AccountRef) -> CurrencyCode | None:
    """Return the currency that Palette names, or the configured one if Palette names no unit at all.

    Returns None if Palette names a unit that is not a currency.
    """
    unit = fields.text(spec, "paymentUnit")
    return account_ref.currency if unit is None else parse_currency_code(unit)


def address(spec: wire.Spec) -> PostalAddress | None:
    """Return the tenant's address. Returns None if no part of it is stated."""
    payload = fields.mapping(spec, "address")
    address = PostalAddress(
        line1=fields.text(payload, "addressLine1"),
        line2=fields.text(payload, "addressLine2"),
        city=fields.text(payload, "city"),
        state=fields.text(payload, "state"),
        postal_code=fields.text(payload, "pincode"),
        country=fields.text(payload, "country"),
    )
    return address if any(vars(address).values()) else None


def payment_states(status: wire.Status) -> list[PaymentState] | None:
    """Return the payment history, earliest state first. Returns None if the status has no list of states.

    A state without a word is left out, because it says nothing. `raw` still contains it.
    """
    rows = fields.objects(status, "states")
    if rows is None:
        return None
    return sort_states([state for row in rows if (state := payment_state(row)) is not None])


def payment_state(row: wire.State) -> PaymentState | None:
    word = fields.text(row, "state")
    if word is None:
        return None
    return PaymentState(
        status=_PAYMENT_STATUS.get(word, PaymentStatus.UNRECOGNIZED),
        word=word,
        message=fields.text(row, "paymentMsg"),
        at=fields.instant(row, "timestamp"),
    )


_DETAILS = ColumnSet(
    SpectroCloudInvoiceDetails,
    {
        "reference": lambda _payload, provider_key, _currency: provider_key,
        "name": lambda payload, *_: fields.text(fields.mapping(payload, "metadata"), "name"),
        "environment": lambda payload, *_: fields.text(_spec(payload), "envType"),
        "plan": lambda payload, *_: fields.text(fields.mapping(_spec(payload), "plan"), "plantype"),
        "month": lambda payload, *_: fields.day(_spec(payload), "month"),
        "address": lambda payload, *_: address(_spec(payload)),
        "stripe_invoice": lambda payload, *_: fields.text(_status(payload), "stripeInvoiceId"),
        "free_credits": lambda payload, *_: free_credits(_spec(payload)),
        "products": lambda payload, _provider_key, currency: products(_status(payload), currency),
    },
)
_INVOICE = ColumnSet(
    Invoice,
    {
        "number": lambda *_: None,
        "issued_at": lambda *_: None,  # Palette states when the invoice was created, but not when it was issued
        "total_without_lookup": lambda payload, _account_ref, _provider_key, currency: money_or_none(
            fields.number(_status(payload), "billableAmount"), currency
        ),
        "details": lambda payload, _account_ref, provider_key, currency: _DETAILS(payload, provider_key, currency),
        "line_part": lambda payload, account_ref, provider_key, currency: LazyValue(
            partial(line_items, _status(payload), account_ref, provider_key, currency)
        ),
        "credit_part": lambda payload, account_ref, provider_key, _currency: LazyValue(
            partial(plan_credits, _spec(payload), account_ref, provider_key)
        ),
        "charge_part": lambda payload, account_ref, _provider_key, currency: LazyValue(
            partial(project_charges, _status(payload), account_ref, currency)
        ),
    },
)
