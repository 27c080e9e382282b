"""The columns of FOCUS Invoice Detail 1.4, and what a column is.

From these declarations follow the SDL, the exported files with their manifests, and a table of the documentation.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from .scalars import Json

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class ColumnType(Enum):
    """A type of FOCUS, and the Python type of its values."""

    STRING = str
    DECIMAL = Decimal
    DATETIME = datetime
    JSON = Json  # a flat object


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of a dataset: the declaration from which the SDL, the files and their manifest follow.

    Each is one object: equality by identity makes it a fast key of a row.
    """

    name: str  # as FOCUS writes it; our own begin with `x_`
    type: ColumnType
    description: str
    is_nullable: bool = True
    is_conditional: bool = False  # absent from a file if no row has a value
    scale: int = 14  # digits after the point of a decimal in Parquet, which has 38 digits in all

    @property
    def attribute(self) -> str:
        """The name in Python, such as `billed_cost`."""
        return _WORD_START.sub("_", self.name).lower()


def text(name: str, description: str, **options: Any) -> Column:
    return Column(name, ColumnType.STRING, description, **options)


def number(name: str, description: str, **options: Any) -> Column:
    return Column(name, ColumnType.DECIMAL, description, **options)


def instant(name: str, description: str, **options: Any) -> Column:
    return Column(name, ColumnType.DATETIME, description, **options)


COST_SCALE = 17
BILLED_COST = number("BilledCost", "Charge of the line, negative for a credit.", is_nullable=False, scale=COST_SCALE)
BILLING_ACCOUNT_ID = text(
    "BillingAccountId", "ID of the customer, tenant or organization at the provider.", is_nullable=False
)
BILLING_CURRENCY = text("BillingCurrency", "ISO 4217 code of the currency of the charge.", is_nullable=False)
BILLING_PERIOD_END = instant("BillingPeriodEnd", "First instant after the billed period.", is_nullable=False)
BILLING_PERIOD_START = instant("BillingPeriodStart", "First instant of the billed period.", is_nullable=False)
CHARGE_CATEGORY = text("ChargeCategory", "`Usage`, `Purchase`, `Tax`, `Credit` or `Adjustment`.", is_nullable=False)
INVOICE_ISSUER_NAME = text("InvoiceIssuerName", "Company that issues the invoice.", is_nullable=False)

INVOICE_DETAIL = (
    BILLED_COST,
    BILLING_ACCOUNT_ID,
    BILLING_CURRENCY,
    BILLING_PERIOD_END,
    BILLING_PERIOD_START,
    CHARGE_CATEGORY,
    instant("InvoiceDetailCreated", "When the line was created, else when this service read it.", is_nullable=False),
    text("InvoiceDetailDescription", "Text of the line, as the issuer wrote it."),
    Column("InvoiceDetailGrain", ColumnType.JSON, "What the line is about, as a flat object."),
    text("InvoiceDetailId", "ID of the line, unique over all invoices of the account.", is_nullable=False),
    instant("InvoiceDetailLastUpdated", "When the line last changed, as far as it is known.", is_nullable=False),
    text("InvoiceId", "ID of the invoice at the provider. The running invoice has none.", is_nullable=False),
    instant("InvoiceIssueDate", "When the invoice was issued. Never guessed."),
    text("InvoiceIssueStatus", "`Open` or `Issued`.", is_nullable=False),
    INVOICE_ISSUER_NAME,
    instant("PaymentDueDate", "When payment is due, by the configured terms."),
    text("PaymentTerms", "Terms of payment, as the configuration states them.", is_nullable=False),
    text("PurchaseOrderNumber", "Number of the purchase order, from the configuration.", is_conditional=True),
    text("ReferenceInvoiceId", "Invoice that the line corrects: by default its own.", is_nullable=False),
)  # fmt: skip
