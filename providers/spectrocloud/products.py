"""Palette's two products, and what it states about each: Pure for managed clusters, Alloy for imported clusters."""

from decimal import Decimal
from typing import Any

import strawberry

from execution.lazy import LazyObject
from providers import fields
from providers.rows import columns
from providers.rows.base import ListContext
from providers.rows.columns import InvoiceContext
from providers.rows.details import columns_of, details_type, fact
from schema.values import Money

PRODUCTS = {"pure": "Pure", "alloy": "Alloy"}
CREDITS = "credits"
ZERO = Decimal(0)  # of a number that is absent: Palette's models omit zeros
_NAME = "Product: `Pure` for managed clusters, `Alloy` for imported clusters. Never null."


def product_rows(payload: fields.Payload, key: str) -> dict[str, Any] | None:
    """Return the row of each product in the object under `key`, Pure before Alloy.

    Returns None if there is no such object.
    """
    rows = payload.get(key)
    if not isinstance(rows, dict):
        fields.mapping(payload, key)  # logs another type
        return None
    return {name: row for name in PRODUCTS if isinstance(row := rows.get(name), dict)}


PRODUCT_NAME = columns.label(PRODUCTS)


@strawberry.type(description="Free credits of one product.")
class ProductCredits:
    """Free credits in the `spec` of an invoice."""

    product: str = strawberry.field(description=_NAME)
    credits: Decimal = strawberry.field(description="Number of free credits. Never null.")


@details_type("All facts that Palette states about one product in one invoice. A number that Palette omits is 0.")
class SpectroCloudProduct(LazyObject):
    """One product's part of the bill. Palette omits zeros, so an absent number is 0."""

    product: str = fact(PRODUCT_NAME, _NAME)
    amount: Money | None = fact(
        columns.money("amount", ZERO),
        "Cost of the product. Null if the provider does not state it or its currency is unknown.",
    )
    tier_name: str | None = fact(
        columns.text("tierName"), "Name of the price tier. Null if the provider does not state it."
    )
    tier_price: Money | None = fact(
        columns.money("tierPrice", ZERO),
        "Price of one credit in the price tier. Null if the provider does not state it or its currency is unknown.",
    )
    allocated_credits: Decimal | None = fact(
        columns.number("allocatedCredits", ZERO),
        "Number of credits that the plan allocates. Null if the provider does not state it.",
    )
    free_credits: Decimal | None = fact(
        columns.number("freeCredits", ZERO), "Number of free credits. Null if the provider does not state it."
    )
    used_credits: Decimal | None = fact(
        columns.number("usedCredits", ZERO), "Number of used credits. Null if the provider does not state it."
    )
    total_used_credits: Decimal | None = fact(
        columns.number("totalUsedCredits", ZERO),
        "Number of all used credits. The difference from `usedCredits` is not documented. Null if the "
        "provider does not state it.",
    )
    billable_credits: Decimal | None = fact(
        columns.number("billableCredits", ZERO), "Number of billed credits. Null if the provider does not state it."
    )
    breached_credits: Decimal | None = fact(
        columns.number("breachedCredits", ZERO),
        "Number of credits used beyond the allocation. Null if the provider does not state it.",
    )
    discount: Decimal | None = fact(
        columns.number("discount", ZERO),
        "Applied discount. Palette does not document whether it is a percentage or money. Null if the "
        "provider does not state it.",
    )
    overage_limit_percentage: Decimal | None = fact(
        columns.number("overageLimitPercentage", ZERO),
        "Percentage by which usage may exceed the allocation. Null if the provider does not state it.",
    )


_PRODUCT = columns_of(SpectroCloudProduct)


def products(status: Any, context: InvoiceContext) -> list[SpectroCloudProduct]:
    """Return all that Palette states about each product."""
    rows = product_rows(status, "productInvoice") or {}
    product_context = ListContext(None, list(rows.values()), context, labels=list(rows))
    return [_PRODUCT(row, product_context) for row in rows.values()]


def free_credits(spec: Any, _context: InvoiceContext) -> list[ProductCredits] | None:
    """Return the free credits of each product whose number is stated. Returns None if there is no such object."""
    numbers = spec.get("credits")
    if not isinstance(numbers, dict):
        return None
    by_product = {name: fields.number(numbers, f"{key}FreeCredits") for key, name in PRODUCTS.items()}
    return [ProductCredits(product=name, credits=number) for name, number in by_product.items() if number is not None]
