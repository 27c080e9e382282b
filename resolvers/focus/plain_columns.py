"""Our own columns of invoices and of lines, for files that follow no standard. Names are those of the graph."""

from decimal import Decimal

from schema.focus_columns import COST_SCALE, instant, number, text
from schema.values import Money

from .record import Bill, Charge, Sources


def _amount(money: Money | None) -> Decimal | None:
    return None if money is None else money.amount


def _currency(money: Money | None) -> str | None:
    return None if money is None else money.currency


def _name(member: object) -> str | None:
    return None if member is None else member.name  # type: ignore[attr-defined] # an enum


_COMMON: Sources[Bill] = {
    text("provider", "ID of the provider."): lambda bill: bill.billing.spec.id,
    text("account", "ID of the account."): lambda bill: str(bill.billing.account.id),
    text("accountName", "Name of the account."): lambda bill: bill.billing.account.name,
    text("sandbox", "`true` if the data is simulated."): lambda bill: str(bill.billing.account.sandbox).lower(),
    text("invoice", "ID of the invoice in this service."): lambda bill: str(bill.invoice.id),
    text("invoiceReference", "ID of the invoice at the provider."): lambda bill: bill.invoice.details.reference,
    text("invoiceNumber", "Number printed on the invoice."): lambda bill: bill.invoice.number,
    instant("periodStart", "First instant of the billed period."): lambda bill: bill.invoice.period.start,
    instant("periodEnd", "First instant after the billed period."): lambda bill: bill.invoice.period.end,
    text("paymentStatus", "Payment status."): lambda bill: _name(bill.invoice.payment_status),
}
INVOICE_SOURCES: Sources[Bill] = {
    **_COMMON,
    instant("issuedAt", "When the invoice was issued."): lambda bill: bill.invoice.issued_at,
    text("status", "`OPEN` or `ISSUED`."): lambda bill: _name(bill.invoice.status),
    number("total", "Billed amount, as the provider states it.", scale=COST_SCALE): (
        lambda bill: _amount(bill.invoice.total_without_lookup)
    ),
    text("currency", "Currency of the total."): lambda bill: _currency(bill.invoice.total_without_lookup),
    instant("observedAt", "When this service read the invoice."): lambda bill: bill.invoice.observed_at,
    instant("restatedAt", "When this service noticed a change."): lambda bill: bill.invoice.restated_at,
    text("stale", "`true` if the invoice is older than it should be."): lambda bill: str(bill.invoice.stale).lower(),
}


def _quantity(charge: Charge) -> Decimal | None:
    return charge.line.quantity.amount if charge.line.quantity else None


def _unit(charge: Charge) -> str | None:
    return charge.line.quantity.unit if charge.line.quantity else None


LINE_SOURCES: Sources[Charge] = {
    **_COMMON,
    text("id", "ID of the line item in this service."): lambda charge: str(charge.line.id),
    text("description", "Text of the line."): lambda charge: charge.line.description,
    text("category", "Category of the charge."): lambda charge: charge.line.category.name,
    text("product", "Product."): lambda charge: charge.line.product,
    text("productGroup", "Wider group of products."): lambda charge: charge.line.product_group,
    text("productLine", "Product line."): lambda charge: charge.line.product_line,
    text("region", "Region, as the provider names it."): lambda charge: charge.line.region,
    number("quantity", "Charged quantity."): _quantity,
    text("unit", "Unit of the quantity."): _unit,
    number("unitPrice", "Price of one unit.", scale=COST_SCALE - 1): lambda charge: _amount(charge.line.unit_price),
    number("cost", "Cost of the line.", scale=COST_SCALE): lambda charge: _amount(charge.line.cost),
    text("currency", "Currency of the cost."): lambda charge: _currency(charge.line.cost),
}
