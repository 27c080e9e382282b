"""Palette's words in the graph's vocabulary. Pure: wire in, schema types out."""

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
from schema.scalars import CurrencyCode, currency_code
from schema.values import BillingPeriod, money

from . import wire
from .credits import plan_credits
from .details import PostalAddress, SpectroCloudInvoiceDetails
from .line_items import line_items
from .products import free_credits, products
from .project_charges import project_charges

_STATUS = {
    "Paid": PaymentStatus.PAID,
    "PaymentPending": PaymentStatus.PENDING,
    "PaymentInProgress": PaymentStatus.IN_PROGRESS,
    "PaymentFailed": PaymentStatus.FAILED,
}


def invoice(bill: wire.Invoice, owner: AccountRef, observed_at: datetime) -> Invoice:
    """An invoice with all its parts; raises Unintelligible where it lacks its uid or its period."""
    spec = _spec(bill)
    native = fields.text(fields.mapping(bill, "metadata"), "uid")
    billed = period(spec)
    if native is None or billed is None:
        raise Unintelligible(owner, "an invoice lacks its uid or its period")
    found = _INVOICE(bill, owner, native, currency(spec, owner))
    found.id, found.account_id, found.period = strawberry.ID(owner.invoice(native)), owner.id, billed
    found.observed_at, found.status, found.payload = observed_at, InvoiceStatus.ISSUED, bill
    found.payment_states = states = payment_states(_status(bill))
    found.payment_status = current_status(states)
    return found


def _spec(bill: wire.Invoice) -> wire.Spec:
    return fields.mapping(bill, "spec")  # type: ignore[no-any-return]


def _status(bill: wire.Invoice) -> wire.Status:
    return fields.mapping(bill, "status")  # type: ignore[no-any-return]


def period(spec: wire.Spec) -> BillingPeriod | None:
    """The period billed; the month billed stands in for the end that is not stated."""
    stated = fields.mapping(spec, "billingPeriod")
    start, end = fields.instant(stated, "start"), fields.instant(stated, "end")
    if start is None or end is None:
        month = fields.instant(spec, "month")
        whole = fields.month(month.year, month.month) if month else None
        start, end = start or month, end or (whole.end if whole else None)
    return fields.period(start, end)


def currency(spec: wire.Spec, owner: AccountRef) -> CurrencyCode | None:
    """What Palette names; the configured one only where it names nothing, not where it names something else."""
    unit = fields.text(spec, "paymentUnit")
    return owner.currency if unit is None else currency_code(unit)


def address(spec: wire.Spec) -> PostalAddress | None:
    """Null where no part of it is stated."""
    stated = fields.mapping(spec, "address")
    found = PostalAddress(
        line1=fields.text(stated, "addressLine1"),
        line2=fields.text(stated, "addressLine2"),
        city=fields.text(stated, "city"),
        state=fields.text(stated, "state"),
        postal_code=fields.text(stated, "pincode"),
        country=fields.text(stated, "country"),
    )
    return found if any(vars(found).values()) else None


def payment_states(status: wire.Status) -> list[PaymentState] | None:
    """Earliest first. A state without a word says nothing; `raw` has it."""
    rows = fields.objects(status, "states")
    if rows is None:
        return None
    return sort_states([state for row in rows if (state := payment_state(row)) is not None])


def payment_state(row: wire.State) -> PaymentState | None:
    word = fields.text(row, "state")
    if word is None:
        return None
    return PaymentState(
        status=_STATUS.get(word, PaymentStatus.UNRECOGNIZED),
        word=word,
        message=fields.text(row, "paymentMsg"),
        at=fields.instant(row, "timestamp"),
    )


_DETAILS = ColumnSet(
    SpectroCloudInvoiceDetails,
    {  # of an invoice, its key and its currency
        "reference": lambda _, native, __: native,
        "name": lambda bill, *_: fields.text(fields.mapping(bill, "metadata"), "name"),
        "environment": lambda bill, *_: fields.text(_spec(bill), "envType"),
        "plan": lambda bill, *_: fields.text(fields.mapping(_spec(bill), "plan"), "plantype"),
        "month": lambda bill, *_: fields.day(_spec(bill), "month"),
        "address": lambda bill, *_: address(_spec(bill)),
        "stripe_invoice": lambda bill, *_: fields.text(_status(bill), "stripeInvoiceId"),
        "free_credits": lambda bill, *_: free_credits(_spec(bill)),
        "products": lambda bill, _, priced_in: products(_status(bill), priced_in),
    },
)
_INVOICE = ColumnSet(
    Invoice,
    {  # of an invoice, its owner, its key and its currency
        "number": lambda *_: None,
        "issued_at": lambda *_: None,  # Palette names the instant of creation, but none of issue
        "total_without_lookup": lambda bill, _, __, priced_in: money(
            fields.number(_status(bill), "billableAmount"), priced_in
        ),
        "details": lambda bill, _, native, priced_in: _DETAILS(bill, native, priced_in),
        "line_part": lambda bill, *of: LazyValue(partial(line_items, _status(bill), *of)),
        "credit_part": lambda bill, owner, native, _: LazyValue(partial(plan_credits, _spec(bill), owner, native)),
        "charge_part": lambda bill, owner, _, priced_in: LazyValue(
            partial(project_charges, _status(bill), owner, priced_in)
        ),
    },
)
