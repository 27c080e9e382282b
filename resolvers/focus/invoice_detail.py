"""FOCUS 1.4, dataset Invoice Detail: one record for each line item."""

from datetime import datetime

from iso4217 import Currency

from providers import ids
from resolvers.payment_terms import due_at
from schema.filters import ChargeCategory
from schema.focus_columns import INVOICE_DETAIL
from schema.invoice import InvoiceStatus

from .record import Charge, Derived, Missing, Source, Sources

CATEGORIES = {
    ChargeCategory.USAGE: "Usage",
    ChargeCategory.PURCHASE: "Purchase",
    ChargeCategory.TAX: "Tax",
    ChargeCategory.CREDIT: "Credit",
    ChargeCategory.ADJUSTMENT: "Adjustment",
}
_NO_MONEY = Missing("The line states no amount, or no currency.")
_RUNNING = Missing("The running invoice has no lasting ID.")
_OBSERVED = "The provider states no such time: this is when this service read the invoice."
_CHANGED = "The provider states no such time: this is the latest change that this service noticed."
_UNCORRECTED = "The provider names no invoice that the line corrects: the ID of its own invoice says that."
_TERMS = Missing("The provider does not state it. Set payment_terms of the account in the configuration.")
_ACCOUNT = Missing("The provider does not state it. Set billing_account_id of the account in the configuration.")
_DUE = "It follows from the configured terms of payment."
_CURRENCY_CODES = {currency.code for currency in Currency}


def billed_cost(charge: Charge) -> object:
    return charge.line.cost.amount if charge.line.cost else _NO_MONEY


def billing_currency(charge: Charge) -> object:
    if charge.line.cost is None:
        return _NO_MONEY
    code = charge.line.cost.currency
    return code if code in _CURRENCY_CODES else Missing(f"{code} is no current code of ISO 4217.")


def billing_account_id(charge: Charge) -> object:
    return charge.billing.settings.billing_account_id or charge.billing.reference or _ACCOUNT


def invoice_id(charge: Charge) -> object:
    return _RUNNING if charge.invoice.status is InvoiceStatus.OPEN else charge.invoice.details.reference


def issuer_name(charge: Charge) -> str:
    billing = charge.billing
    return billing.settings.invoice_issuer or billing.spec.focus.issuer or billing.spec.name


def _detail_id(charge: Charge) -> object:
    """Return the id with that of the invoice: providers repeat the ids of lines in each invoice."""
    own_id = invoice_id(charge)
    return f"{own_id}:{ids.provider_key(str(charge.line.id))}" if isinstance(own_id, str) else own_id


def _stated_creation(charge: Charge) -> datetime | None:
    return charge.billing.spec.focus.created_at(charge.invoice) or charge.invoice.issued_at


def _created(charge: Charge) -> object:
    return _stated_creation(charge) or Derived(charge.invoice.observed_at, _OBSERVED)


def _last_updated(charge: Charge) -> object:
    """Return the latest change, which is never before the creation."""
    invoice, stated = charge.invoice, charge.billing.spec.focus.changed_at(charge.invoice)
    created = _stated_creation(charge) or invoice.observed_at
    if stated is not None:
        return max(created, stated)
    return Derived(max(created, invoice.restated_at or created), _CHANGED)


def _issue_status(charge: Charge) -> str | None:
    return {InvoiceStatus.OPEN: "Open", InvoiceStatus.ISSUED: "Issued", None: None}[charge.invoice.status]


def _due_date(charge: Charge) -> object:
    moment = due_at(charge.invoice, charge.billing.settings)
    return None if moment is None else Derived(moment, _DUE)


def _reference_invoice_id(charge: Charge) -> object:
    own_id = invoice_id(charge)
    return Derived(own_id, _UNCORRECTED) if isinstance(own_id, str) else own_id


_BY_NAME: dict[str, Source[Charge]] = {
    "BilledCost": billed_cost,
    "BillingAccountId": billing_account_id,
    "BillingCurrency": billing_currency,
    "BillingPeriodEnd": lambda charge: charge.invoice.period.end,
    "BillingPeriodStart": lambda charge: charge.invoice.period.start,
    "ChargeCategory": lambda charge: CATEGORIES[charge.line.category],
    "InvoiceDetailCreated": _created,
    "InvoiceDetailDescription": lambda charge: charge.line.description,
    "InvoiceDetailGrain": lambda charge: charge.billing.spec.focus.grain(charge.line),
    "InvoiceDetailId": _detail_id,
    "InvoiceDetailLastUpdated": _last_updated,
    "InvoiceId": invoice_id,
    "InvoiceIssueDate": lambda charge: charge.invoice.issued_at,
    "InvoiceIssueStatus": _issue_status,
    "InvoiceIssuerName": issuer_name,
    "PaymentDueDate": _due_date,
    "PaymentTerms": lambda charge: charge.billing.settings.payment_terms or _TERMS,
    "PurchaseOrderNumber": lambda charge: charge.billing.settings.purchase_order,
    "ReferenceInvoiceId": _reference_invoice_id,
}
SOURCES: Sources[Charge] = {column: _BY_NAME[column.name] for column in INVOICE_DETAIL}
