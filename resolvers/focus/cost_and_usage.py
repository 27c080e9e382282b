"""FOCUS 1.2, dataset Cost and Usage: the columns that invoices can fill."""

from providers import ids
from providers.focus import Service
from schema.filters import ChargeCategory
from schema.focus_columns import (
    BILLED_COST,
    BILLING_ACCOUNT_ID,
    BILLING_CURRENCY,
    BILLING_PERIOD_END,
    BILLING_PERIOD_START,
    CHARGE_CATEGORY,
    COST_SCALE,
    INVOICE_ISSUER_NAME,
    instant,
    number,
    text,
)

from .invoice_detail import CATEGORIES, billed_cost, billing_account_id, billing_currency, invoice_id, issuer_name
from .record import Charge, Derived, Missing, Sources

_FREQUENCIES = {ChargeCategory.USAGE: "Usage-Based", ChargeCategory.PURCHASE: "Recurring"}
_SAME_AS_BILLED = "The provider states no such cost: it is the billed cost."
_SAME_PERIOD = "The provider states no finer period: it is the billing period."
_NO_UNIT = Missing("The provider states no unit of the quantity.")
_LABEL = "The line has no description: it is made of the product and the terms."
_CLASSIFIED = "This service classifies the provider's products."


def _derived_cost(charge: Charge) -> object:
    cost = billed_cost(charge)
    return cost if isinstance(cost, Missing) else Derived(cost, _SAME_AS_BILLED)


def _description(charge: Charge) -> object:
    label = charge.line.description or charge.billing.spec.focus.label(charge.line)
    return label if label is None or charge.line.description else Derived(label, _LABEL)


def _pricing_quantity(charge: Charge) -> object:
    """Return the quantity if its unit is stated. FOCUS requires both of usage and purchases."""
    if charge.line.quantity and charge.line.quantity.unit:
        return charge.line.quantity.amount
    return _NO_UNIT if charge.line.category in _FREQUENCIES else None


def _pricing_unit(charge: Charge) -> object:
    if charge.line.quantity and charge.line.quantity.unit:
        return charge.line.quantity.unit
    return _NO_UNIT if charge.line.category in _FREQUENCIES else None


def _company(charge: Charge) -> str:
    return charge.billing.spec.focus.issuer or charge.billing.spec.name


def _service(charge: Charge) -> Service:
    return charge.billing.spec.focus.service(charge.line)


def _sub_account_id(charge: Charge) -> str | None:
    return ids.provider_key(str(charge.project.id)) if charge.project else None


PROJECT_SOURCES: Sources[Charge] = {
    text("SubAccountId", "ID of the project at the provider."): _sub_account_id,
    text("SubAccountName", "Name of the project."): lambda charge: charge.project.name if charge.project else None,
}
SOURCES: Sources[Charge] = {
    BILLED_COST: billed_cost,
    BILLING_ACCOUNT_ID: billing_account_id,
    text("BillingAccountName", "Name of the account in the configuration."): lambda charge: charge.billing.account.name,
    BILLING_CURRENCY: billing_currency,
    BILLING_PERIOD_END: lambda charge: charge.invoice.period.end,
    BILLING_PERIOD_START: lambda charge: charge.invoice.period.start,
    CHARGE_CATEGORY: lambda charge: CATEGORIES[charge.line.category],
    text("ChargeClass", "Always null: no provider marks corrections."): lambda _: None,
    text("ChargeDescription", "Text of the line, else its product and terms."): _description,
    text("ChargeFrequency", "`Usage-Based`, `Recurring` or `One-Time`.", is_nullable=False): (
        lambda charge: _FREQUENCIES.get(charge.line.category, "One-Time")
    ),
    instant("ChargePeriodEnd", "End of the billing period.", is_nullable=False): (
        lambda charge: Derived(charge.invoice.period.end, _SAME_PERIOD)
    ),
    instant("ChargePeriodStart", "Start of the billing period.", is_nullable=False): (
        lambda charge: Derived(charge.invoice.period.start, _SAME_PERIOD)
    ),
    number("ContractedCost", "The billed cost.", is_nullable=False, scale=COST_SCALE): _derived_cost,
    number("EffectiveCost", "The billed cost.", is_nullable=False, scale=COST_SCALE): _derived_cost,
    text("InvoiceId", "ID of the invoice at the provider."): invoice_id,
    INVOICE_ISSUER_NAME: issuer_name,
    number("ListCost", "The billed cost.", is_nullable=False, scale=COST_SCALE): _derived_cost,
    number("PricingQuantity", "Quantity, where its unit is stated."): _pricing_quantity,
    text("PricingUnit", "Unit of the quantity."): _pricing_unit,
    text("ProviderName", "Company that provides the service.", is_nullable=False): _company,
    text("PublisherName", "Company that makes the service.", is_nullable=False): _company,
    text("ServiceCategory", "Category of the service, as FOCUS has them.", is_nullable=False): (
        lambda charge: Derived(_service(charge).category, _CLASSIFIED)
    ),
    text("ServiceName", "Name of the service.", is_nullable=False): lambda charge: _service(charge).name,
    text("ServiceSubcategory", "Subcategory of the service, as FOCUS has them.", is_nullable=False): (
        lambda charge: Derived(_service(charge).subcategory, _CLASSIFIED)
    ),
}
