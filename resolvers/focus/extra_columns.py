"""Our own columns beside those of FOCUS: what a line says and FOCUS has no column for."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from providers.registry import ProviderSpec
from schema.focus_columns import COST_SCALE, Column, number, text
from schema.line_item import LineItem

from .record import Charge, Source, Sources


def _unit_price(charge: Charge) -> Decimal | None:
    return charge.line.unit_price.amount if charge.line.unit_price else None


def _quantity(charge: Charge) -> Decimal | None:
    return charge.line.quantity.amount if charge.line.quantity else None


def _unit(charge: Charge) -> str | None:
    return charge.line.quantity.unit if charge.line.quantity else None


def _payment_status(charge: Charge) -> str | None:
    status = charge.invoice.payment_status
    return status.name if status else None


def _payment_word(charge: Charge) -> str | None:
    """Return the provider's word for the current status. Returns None if the status is not known."""
    states = charge.invoice.payment_states if charge.invoice.payment_status else None
    return states[-1].word if states else None


_COMMON: Sources[Charge] = {
    text("x_AccountId", "ID of the account in this service."): lambda charge: str(charge.billing.account.id),
    text("x_AccountName", "Name of the account in the configuration."): lambda charge: charge.billing.account.name,
    text("x_InvoiceNumber", "Number printed on the invoice."): lambda charge: charge.invoice.number,
    text("x_LineItemId", "ID of the line item in this service."): lambda charge: str(charge.line.id),
    text("x_PaymentStatus", "Payment status, in this service's words."): _payment_status,
    text("x_PaymentWord", "Payment status, in the provider's word."): _payment_word,
    text("x_Product", "Product."): lambda charge: charge.line.product,
    text("x_ProductGroup", "Wider group of products."): lambda charge: charge.line.product_group,
    text("x_ProductLine", "Product line."): lambda charge: charge.line.product_line,
    number("x_Quantity", "Charged quantity."): _quantity,
    text("x_Region", "Region, as the provider names it."): lambda charge: charge.line.region,
    text("x_Sandbox", "`true` if the data is simulated."): lambda charge: str(charge.billing.account.sandbox).lower(),
    text("x_Unit", "Unit of the quantity."): _unit,
    number("x_UnitPrice", "Price of one unit.", scale=COST_SCALE - 1): _unit_price,
}


def extra_sources(specs: Iterable[ProviderSpec]) -> Sources[Charge]:
    """Return our own columns, with those of these providers, sorted by name."""
    sources: dict[Column, Source[Charge]] = {**_COMMON}
    for spec in specs:
        for column, fact in spec.focus.facts.items():
            sources[column] = _fact_of(spec.id, fact)
    return dict(sorted(sources.items(), key=lambda item: item[0].name))


def _fact_of(provider_id: str, fact: Callable[[LineItem], object]) -> Source[Charge]:
    return lambda charge: fact(charge.line) if charge.billing.spec.id == provider_id else None
