"""The two products of Palette, and what an invoice's details hold of each. Pure: wire in, schema types out."""

from typing import Any

from providers import fields
from schema.scalars import CurrencyCode
from schema.values import money

from . import wire
from .details import ProductCredits, SpectroCloudProduct

PRODUCTS = {"pure": "Pure", "alloy": "Alloy"}
CREDITS = "credits"


def by_product(holder: fields.Wire, key: str) -> list[tuple[str, Any]] | None:
    """The products that an object bears under a key, Pure before Alloy; null where it has no such object."""
    stated = fields.mapping(holder, key)
    if not isinstance(holder.get(key), dict):
        return None
    return [(name, fields.mapping(stated, name)) for name in PRODUCTS if isinstance(stated.get(name), dict)]


def products(status: wire.Status, priced_in: CurrencyCode | None) -> list[SpectroCloudProduct]:
    """All that is stated of each."""
    return [product(row, key, priced_in) for key, row in by_product(status, "productInvoice") or ()]


def product(row: wire.Product, key: str, priced_in: CurrencyCode | None) -> SpectroCloudProduct:
    return SpectroCloudProduct(
        product=PRODUCTS[key],
        amount=money(fields.number(row, "amount"), priced_in),
        tier_name=fields.text(row, "tierName"),
        tier_price=money(fields.number(row, "tierPrice"), priced_in),
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
    """The products whose number is stated."""
    stated = fields.mapping(spec, "credits")
    if not isinstance(spec.get("credits"), dict):
        return None
    numbers = {name: fields.number(stated, f"{key}FreeCredits") for key, name in PRODUCTS.items()}
    return [ProductCredits(product=name, credits=number) for name, number in numbers.items() if number is not None]
