"""Palette's words in the graph's vocabulary. Pure: wire in, schema types out."""

from datetime import datetime
from functools import partial

import strawberry

from providers import read
from providers.errors import Unintelligible
from providers.owner import Owner
from schema.invoice import Invoice, InvoiceStatus, Part
from schema.late import Makers
from schema.payment import PaymentState, PaymentStatus, current, history
from schema.values import BillingPeriod, CurrencyCode, currency_code, money

from . import wire
from .details import PostalAddress, SpectroCloudInvoiceDetails
from .grants import grants
from .lines import line_items
from .products import free_credits, products
from .shares import project_charges

_STATUS = {
    "Paid": PaymentStatus.PAID,
    "PaymentPending": PaymentStatus.PENDING,
    "PaymentInProgress": PaymentStatus.IN_PROGRESS,
    "PaymentFailed": PaymentStatus.FAILED,
}


def invoice(bill: wire.Invoice, owner: Owner, observed_at: datetime) -> Invoice:
    """An invoice with all its parts; raises Unintelligible where it lacks its uid or its period."""
    spec, status = read.object_(bill, "spec"), read.object_(bill, "status")
    native = read.text(read.object_(bill, "metadata"), "uid")
    billed = period(spec)
    if native is None or billed is None:
        raise Unintelligible(owner, "an invoice lacks its uid or its period")
    priced_in = currency(spec, owner)
    states = payment_states(status)
    return Invoice(
        id=strawberry.ID(owner.invoice(native)),
        account_id=owner.id,
        number=None,
        period=billed,
        issued_at=None,  # Palette names the instant of creation, but none of issue
        status=InvoiceStatus.ISSUED,
        stated_total=money(read.number(status, "billableAmount"), priced_in),
        payment_states=states,
        payment_status=current(states),
        observed_at=observed_at,
        details=_DETAILS(bill, native, priced_in),
        lines=Part(partial(line_items, status, owner, native, priced_in)),
        grants=Part(partial(grants, spec, owner, native)),
        charges=Part(partial(project_charges, status, owner, priced_in)),
        wire=bill,
    )


def period(spec: wire.Spec) -> BillingPeriod | None:
    """The period billed; the month billed stands in for the end that is not stated."""
    stated = read.object_(spec, "billingPeriod")
    start, end = read.instant(stated, "start"), read.instant(stated, "end")
    if start is None or end is None:
        month = read.instant(spec, "month")
        whole = read.month(month.year, month.month) if month else None
        start, end = start or month, end or (whole.end if whole else None)
    return read.period(start, end)


def currency(spec: wire.Spec, owner: Owner) -> CurrencyCode | None:
    """What Palette names; the configured one only where it names nothing, not where it names something else."""
    unit = read.text(spec, "paymentUnit")
    return owner.currency if unit is None else currency_code(unit)


def address(spec: wire.Spec) -> PostalAddress | None:
    """Null where no part of it is stated."""
    stated = read.object_(spec, "address")
    found = PostalAddress(
        line1=read.text(stated, "addressLine1"),
        line2=read.text(stated, "addressLine2"),
        city=read.text(stated, "city"),
        state=read.text(stated, "state"),
        postal_code=read.text(stated, "pincode"),
        country=read.text(stated, "country"),
    )
    return found if any(vars(found).values()) else None


def payment_states(status: wire.Status) -> list[PaymentState] | None:
    """Earliest first. A state without a word says nothing; `raw` has it."""
    rows = read.objects(status, "states")
    if rows is None:
        return None
    return history([state for row in rows if (state := payment_state(row)) is not None])


def payment_state(row: wire.State) -> PaymentState | None:
    word = read.text(row, "state")
    if word is None:
        return None
    return PaymentState(
        status=_STATUS.get(word, PaymentStatus.UNRECOGNIZED),
        word=word,
        message=read.text(row, "paymentMsg"),
        at=read.instant(row, "timestamp"),
    )


_DETAILS = Makers(
    SpectroCloudInvoiceDetails,
    {  # of an invoice, its key and its currency
        "reference": lambda _, native, __: native,
        "name": lambda bill, *_: read.text(read.object_(bill, "metadata"), "name"),
        "environment": lambda bill, *_: read.text(read.object_(bill, "spec"), "envType"),
        "plan": lambda bill, *_: read.text(read.object_(read.object_(bill, "spec"), "plan"), "plantype"),
        "month": lambda bill, *_: read.day(read.object_(bill, "spec"), "month"),
        "address": lambda bill, *_: address(read.object_(bill, "spec")),
        "stripe_invoice": lambda bill, *_: read.text(read.object_(bill, "status"), "stripeInvoiceId"),
        "free_credits": lambda bill, *_: free_credits(read.object_(bill, "spec")),
        "products": lambda bill, _, priced_in: products(read.object_(bill, "status"), priced_in),
    },
)
