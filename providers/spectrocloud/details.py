"""GraphQL types for facts that only Palette states."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from execution.lazy import LazyObject
from providers.rows import columns
from providers.rows.columns import InvoiceContext
from providers.rows.details import columns_of, details_type, fact
from schema.invoice import InvoiceDetails
from schema.line_item import LineItemDetails

from .products import ZERO, ProductCredits, SpectroCloudProduct, free_credits, products


@details_type("Address at which a tenant receives its bills.")
class PostalAddress(LazyObject):
    """Each part can be None."""

    line1: str | None = fact(
        columns.text("addressLine1"), "First line, such as a street. Null if the provider does not state it."
    )
    line2: str | None = fact(columns.text("addressLine2"), "Second line. Null if the provider does not state it.")
    city: str | None = fact(columns.text("city"), "City. Null if the provider does not state it.")
    state: str | None = fact(columns.text("state"), "State or province. Null if the provider does not state it.")
    postal_code: str | None = fact(columns.text("pincode"), "Postal code. Null if the provider does not state it.")
    country: str | None = fact(
        columns.text("country"), "Country, as the provider writes it. Null if the provider does not state it."
    )


_ADDRESS = columns_of(PostalAddress)


def _address(row: Any, context: InvoiceContext) -> PostalAddress | None:
    """Return the tenant's address. Returns None if no part of it is stated."""
    is_stated = any(column(row, context) for column in _ADDRESS.columns.values())
    return _ADDRESS(row, context) if is_stated else None


@details_type("Facts that only Palette states about an invoice.")
class SpectroCloudInvoiceDetails(InvoiceDetails):
    """Facts from Palette only."""

    name: str | None = fact(
        columns.within("metadata", columns.text("name")), "Name of the invoice. Null if it has none."
    )
    environment: str | None = fact(
        columns.within("spec", columns.text("envType")),
        "Kind of environment, such as `MonthlyOnDemand` or `OnPrem`. Null if the provider does not state it.",
    )
    plan: str | None = fact(
        columns.within("spec.plan", columns.text("plantype")),
        "Kind of plan, such as `Trial` or `AnnualSubscription`. Null if the provider does not state it.",
    )
    created_at: datetime | None = fact(
        columns.within("metadata", columns.instant("creationTimestamp")),
        "Time when Palette created the invoice. Null if the provider does not state it.",
    )
    changed_at: datetime | None = fact(
        columns.within("metadata", columns.instant("lastModifiedTimestamp")),
        "Time when Palette last changed the invoice, for example its payment. Null if the provider does not state it.",
    )
    month: date | None = fact(
        columns.within("spec", columns.day("month")),
        "Billed month, as its first day. Null if the provider does not state it.",
    )
    address: PostalAddress | None = fact(
        columns.within("spec.address", _address), "Address of the tenant. Null if the provider does not state it."
    )
    stripe_invoice: str | None = fact(
        columns.within("status", columns.text("stripeInvoiceId")),
        "ID of the invoice in the vendor's own Stripe account. Null if it has none there.",
    )
    free_credits: list[ProductCredits] | None = fact(
        columns.within("spec", free_credits),
        "Free credits by product. A product that is not listed has none. Null if Palette states nothing about them.",
    )
    products: list[SpectroCloudProduct] = fact(
        columns.within("status", products),
        "All stated facts about each product. Empty if no product is named; never null.",
    )


@details_type("Facts that only Palette states about a line item.")
class SpectroCloudLineItemDetails(LineItemDetails):
    """Facts from Palette only."""

    tier: str | None = fact(columns.text("tierName"), "Name of the price tier. Null if the provider does not state it.")
    used_credits: Decimal | None = fact(
        columns.number("usedCredits", ZERO), "Number of used credits. Null if the provider does not state it."
    )
