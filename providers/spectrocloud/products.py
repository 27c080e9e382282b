"""The two products of Palette, and what an invoice's details hold of each. Pure: wire in, schema types out."""

from typing import Any

from providers import read
from schema.values import CurrencyCode, money

from . import wire
from .details import ProductCredits, SpectroCloudProduct

PRODUCTS = {"pure": "Pure", "alloy": "Alloy"}
CREDITS = "credits"


def by_product(holder: read.Wire, key: str) -> list[tuple[str, Any]] | None:
    """The products that an object bears under a key, Pure before Alloy; null where it has no such object."""
    stated = read.object_(holder, key)
    if not isinstance(holder.get(key), dict):
        return None
    return [(name, read.object_(stated, name)) for name in PRODUCTS if isinstance(stated.get(name), dict)]


def products(status: wire.Status, priced_in: CurrencyCode | None) -> list[SpectroCloudProduct]:
    """All that is stated of each."""
    return [product(row, key, priced_in) for key, row in by_product(status, "productInvoice") or ()]


def product(row: wire.Product, key: str, priced_in: CurrencyCode | None) -> SpectroCloudProduct:
    return SpectroCloudProduct(
        product=PRODUCTS[key],
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


def free_credits(spec: wire.Spec) -> list[ProductCredits] | None:
    """The products whose number is stated."""
    stated = read.object_(spec, "credits")
    if not isinstance(spec.get("credits"), dict):
        return None
    numbers = {name: read.number(stated, f"{key}FreeCredits") for key, name in PRODUCTS.items()}
    return [ProductCredits(product=name, credits=number) for name, number in numbers.items() if number is not None]
