"""What figures of a Palette invoice can be compared. Palette leaves zeros out, so a part of 0 may also be missing."""

from collections.abc import Iterable, Iterator
from typing import Any

from providers.checks import (
    CURRENCY,
    PAYMENT_HISTORY,
    Comparison,
    InvoiceCheck,
    InvoiceFigures,
    compare_product,
    compare_sum,
    unknown,
)
from schema.reconciliation import CheckCode, CheckReason
from schema.values import Money, Quantity

from .products import SpectroCloudProduct


def _doubt(amounts: Iterable[Money | None]) -> CheckReason | None:
    """Return the doubt about a sum that has a part of 0."""
    return CheckReason.ZERO_LEFT_OUT if any(money is not None and not money.amount for money in amounts) else None


def _sum(subject: str, figures: InvoiceFigures, expected: Money | None, parts: list[Money | None] | None) -> Comparison:
    return compare_sum(subject, figures.invoice, expected, parts, _doubt(parts or ()))


def _products(figures: InvoiceFigures) -> list[SpectroCloudProduct]:
    details: Any = figures.invoice.details
    products: list[SpectroCloudProduct] = details.products
    return products


def _subject(figures: InvoiceFigures, product: SpectroCloudProduct) -> str:
    """Return the id of the line item of a product, or that of the invoice if the product has none."""
    ids = (str(line.id) for line in figures.lines or () if line.product == product.product)
    return next(ids, str(figures.invoice.id))


def _products_total(figures: InvoiceFigures) -> Iterator[Comparison]:
    amounts = [product.amount for product in _products(figures)]
    yield _sum(str(figures.invoice.id), figures, figures.invoice.total_without_lookup, amounts or None)


def _projects_total(figures: InvoiceFigures) -> Iterator[Comparison]:
    charges = figures.invoice.projects()
    costs = None if charges is None else [charge.cost for charge in charges]
    yield _sum(str(figures.invoice.id), figures, figures.invoice.total_without_lookup, costs)


def _project_usage(figures: InvoiceFigures) -> Iterator[Comparison]:
    for charge in figures.invoice.projects() or ():
        subject = str(charge.project.id if charge.project else figures.invoice.id)
        costs = [usage.cost for usage in charge.usage or ()]
        yield _sum(subject, figures, charge.cost, costs or None)


def _product_usage(figures: InvoiceFigures) -> Iterator[Comparison]:
    usages = [usage for charge in figures.invoice.projects() or () for usage in charge.usage or ()]
    for product in _products(figures):
        costs = [usage.cost for usage in usages if usage.product == product.product]
        yield _sum(_subject(figures, product), figures, product.amount, costs if usages else None)


def _tier_price(figures: InvoiceFigures) -> Iterator[Comparison]:
    for product in _products(figures):
        is_zero_left_out = not product.billable_credits or (product.tier_price and not product.tier_price.amount)
        zero = CheckReason.ZERO_LEFT_OUT if is_zero_left_out else None
        doubt = CheckReason.DISCOUNT_UNDOCUMENTED if product.discount else zero
        yield compare_product(
            _subject(figures, product),
            figures.invoice,
            product.tier_price,
            product.billable_credits,
            product.amount,
            doubt,
        )


def _grant_overuse(figures: InvoiceFigures) -> Iterator[Comparison]:
    """Compare what is used of each credit with the most that is possible."""
    part = figures.invoice.credit_part
    for credit in (part.get(figures.invoice) if part else None) or ():
        value, used = credit.value, credit.used
        if isinstance(value, Quantity) and isinstance(used, Quantity):
            yield Comparison(str(credit.id), min(value.amount, used.amount), used.amount, unit=used.unit)
        else:
            yield unknown(str(credit.id), CheckReason.NOT_STATED)


CHECKS = (
    InvoiceCheck(CheckCode.PRODUCTS_TOTAL, _products_total),
    InvoiceCheck(CheckCode.PROJECTS_TOTAL, _projects_total),
    InvoiceCheck(CheckCode.PROJECT_USAGE, _project_usage),
    InvoiceCheck(CheckCode.PRODUCT_USAGE, _product_usage),
    InvoiceCheck(CheckCode.TIER_PRICE, _tier_price),
    InvoiceCheck(CheckCode.GRANT_OVERUSE, _grant_overuse),
    CURRENCY,
    PAYMENT_HISTORY,
)
