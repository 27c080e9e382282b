"""Translation of Palette's two products in the details of an invoice. Pure: no I/O."""

from typing import Any

from providers import fields
from schema.scalars import CurrencyCode
from schema.values import money_or_none

from . import wire
from .details import ProductCredits, SpectroCloudProduct

PRODUCTS = {"pure": "Pure", "alloy": "Alloy"}
CREDITS = "credits"


def product_rows(payload: fields.Payload, key: str) -> list[tuple[str, Any]] | None:
    """Return the key and the row of each product in the object under `key`, Pure before Alloy.

    Returns None if there is no such object.
    """
    rows = fields.mapping(payload, key)
    if not isinstance(payload.get(key), dict):
        return None
    return [(name, fields.mapping(rows, name)) for name in PRODUCTS if isinstance(rows.get(name), dict)]


def products(status: wire.Status, currency: CurrencyCode | None) -> list[SpectroCloudProduct]:
    """Return all that Palette states about each product."""
    return [product(row, key, currency) for key, row in product_rows(status, "productInvoice") or ()]


def product(row: wire.Product, key: str, currency: CurrencyCode | None) -> SpectroCloudProduct:
    return SpectroCloudProduct(
        product=PRODUCTS[key],
        amount=money_or_none(fields.number(row, "amount"), currency),
        tier_name=fields.text(row, "tierName"),
        tier_price=money_or_none(fields.number(row, "tierPrice"), currency),
        allocated_credits=fields.number(row, "allocatedCredits"),
        free_credits=fields.number(row, "freeCredits"),
        used_credits=fields.number(row, "usedCredits"),
        total_used_credits=fields.number(row, "totalUsedCredits"),
        billable_credits=fields.number(row, "billableCredits"),
        breached_credits=fields.number(row, "breachedCredits"),
        discount=fields.number(row, "discount"),
        overage_limit_percentage=fields.number(row, "overageLimitPercentage"),
    )


def free_credits(spec: wire.Spec) -> list[ProductCredits] | None:
    """Return the free credits of each product whose number is stated. Returns None if there is no such object."""
    numbers = fields.mapping(spec, "credits")
    if not isinstance(spec.get("credits"), dict):
        return None
    by_product = {name: fields.number(numbers, f"{key}FreeCredits") for key, name in PRODUCTS.items()}
    return [ProductCredits(product=name, credits=number) for name, number in by_product.items() if number is not None]
