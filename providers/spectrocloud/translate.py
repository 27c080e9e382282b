"""Palette's words in the graph's vocabulary. Pure: wire in, schema types out."""

from datetime import datetime
from functools import partial
from typing import Any

import strawberry

from providers import read
from providers.errors import Unintelligible
from providers.owner import Owner
from schema.filter import ChargeCategory
from schema.invoice import Invoice, InvoiceStatus, Part
from schema.line_item import LineItem
from schema.payment import PaymentState, PaymentStatus, current, history
from schema.project import Project, ProjectCharge, ProjectUsage
from schema.values import BillingPeriod, CurrencyCode, currency_code, money

from . import wire
from .details import (
    PostalAddress,
    ProductCredits,
    SpectroCloudInvoiceDetails,
    SpectroCloudLineItemDetails,
    SpectroCloudProduct,
)
from .grants import grants

_STATUS = {
    "Paid": PaymentStatus.PAID,
    "PaymentPending": PaymentStatus.PENDING,
    "PaymentInProgress": PaymentStatus.IN_PROGRESS,
    "PaymentFailed": PaymentStatus.FAILED,
}
_PRODUCTS = {"pure": "Pure", "alloy": "Alloy"}
_CREDITS = "credits"


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
        details=invoice_details(bill, native, priced_in),
        lines=Part(partial(line_items, status, owner, native, priced_in)),
        grants=Part(partial(grants, spec, owner, native)),
        charges=Part(partial(project_charges, status, owner, priced_in)),
        wire=bill,
    )


def period(spec: wire.Spec) -> BillingPeriod | None:
    """The period billed; the month billed stands in for the end that is not stated."""
    stated = read.object_(spec, "billingPeriod")
    month = read.instant(spec, "month")
    whole = read.month(month.year, month.month) if month else None
    end = read.instant(stated, "end") or (whole.end if whole else None)
    return read.period(read.instant(stated, "start") or month, end)


def currency(spec: wire.Spec, owner: Owner) -> CurrencyCode | None:
    """What Palette names; the configured one only where it names nothing, not where it names something else."""
    unit = read.text(spec, "paymentUnit")
    return owner.currency if unit is None else currency_code(unit)


def invoice_details(bill: wire.Invoice, native: str, priced_in: CurrencyCode | None) -> SpectroCloudInvoiceDetails:
    spec, status = read.object_(bill, "spec"), read.object_(bill, "status")
    return SpectroCloudInvoiceDetails(
        reference=native,
        name=read.text(read.object_(bill, "metadata"), "name"),
        environment=read.text(spec, "envType"),
        plan=read.text(read.object_(spec, "plan"), "plantype"),
        month=read.day(spec, "month"),
        address=address(spec),
        stripe_invoice=read.text(status, "stripeInvoiceId"),
        free_credits=free_credits(spec),
        products=[product(row, key, priced_in) for key, row in _by_product(status, "productInvoice") or ()],
    )


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


def free_credits(spec: wire.Spec) -> list[ProductCredits] | None:
    """The products whose number is stated."""
    stated = read.object_(spec, "credits")
    if not isinstance(spec.get("credits"), dict):
        return None
    numbers = {name: read.number(stated, f"{key}FreeCredits") for key, name in _PRODUCTS.items()}
    return [ProductCredits(product=name, credits=number) for name, number in numbers.items() if number is not None]


def product(row: wire.Product, key: str, priced_in: CurrencyCode | None) -> SpectroCloudProduct:
    return SpectroCloudProduct(
        product=_PRODUCTS[key],
        amount=money(read.number(row, "amount"), priced_in),
        tier_name=read.text(row, "tierName"),
        tier_price=money(read.number(row, "tierPrice"), priced_in),
        allocated_credits=read.number(row, "allocatedCredits"),
        free_credits=read.number(row, "freeCredits"),
        used_credits=read.number(row, "usedCredits"),
        total_used_credits=read.number(row, "totalUsedCredits"),
        billable_credits=read.number(row, "billableCredits"),
        breached_credits=read.number(row, "breachedCredits"),
        discount=read.number(row, "discount"),
        overage_limit_percentage=read.number(row, "overageLimitPercentage"),
    )


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


def line_items(
    status: wire.Status, owner: Owner, native: str, priced_in: CurrencyCode | None, parent: Invoice
) -> list[LineItem] | None:
    """One line for each product that bears an amount, known by the product's key; null where no product is named."""
    rows = _by_product(status, "productInvoice")
    if rows is None:
        return None
    lines = [line_item(row, key, priced_in) for key, row in rows if row.get("amount") not in (None, "")]
    for line in lines:
        line.id = strawberry.ID(owner.line_item(native, str(line.details.reference)))
        line.invoice_id, line.parent = parent.id, parent
    return lines


def line_item(row: wire.Product, key: str, priced_in: CurrencyCode | None) -> LineItem:
    """One product's line; it gets its id from its invoice."""
    return LineItem(
        id=strawberry.ID(""),
        invoice_id="",
        description=None,
        category=ChargeCategory.USAGE,
        quantity=read.quantity(row, "billableCredits", _CREDITS),
        unit_price=money(read.number(row, "tierPrice"), priced_in),
        cost=money(read.number(row, "amount"), priced_in),
        product=_PRODUCTS[key],
        product_group=None,
        product_line=None,
        region=None,
        details=SpectroCloudLineItemDetails(
            reference=key, tier=read.text(row, "tierName"), used_credits=read.number(row, "usedCredits")
        ),
        credit=None,
        wire=row,
    )


def project_charges(
    status: wire.Status, owner: Owner, priced_in: CurrencyCode | None, parent: Invoice
) -> list[ProjectCharge] | None:
    rows = read.objects(status, "projects")
    if rows is None:
        return None
    return [project_charge(row, place, owner, priced_in, parent) for place, row in enumerate(rows)]


def project_charge(
    row: wire.Project, place: int, owner: Owner, priced_in: CurrencyCode | None, parent: Invoice
) -> ProjectCharge:
    uid, name = read.text(row, "projectUid"), read.text(row, "projectName")
    usage = _by_product(row, "usage")
    return ProjectCharge(
        project=Project(id=strawberry.ID(owner.project(uid)), name=name, account_id=owner.id) if uid else None,
        name=name,
        invoice=parent,
        cost=money(read.number(row, "amount"), priced_in),
        usage=None if usage is None else [project_usage(used, key, priced_in) for key, used in usage],
        place=place,
    )


def project_usage(row: wire.ProjectProduct, key: str, priced_in: CurrencyCode | None) -> ProjectUsage:
    return ProjectUsage(
        product=_PRODUCTS[key],
        cost=money(read.number(row, "amount"), priced_in),
        unit_price=money(read.number(row, "tierPrice"), priced_in),
        used=read.quantity(row, "usedCredits", _CREDITS),
    )


def _by_product(holder: read.Wire, key: str) -> list[tuple[str, Any]] | None:
    """The products that an object bears under a key, Pure before Alloy; null where it has no such object."""
    stated = read.object_(holder, key)
    if not isinstance(holder.get(key), dict):
        return None
    return [(name, read.object_(stated, name)) for name in _PRODUCTS if isinstance(stated.get(name), dict)]
