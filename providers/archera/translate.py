"""Rows of Archera's invoices and line items.

Every key can be absent, null, or of another type than documented.
"""

from typing import Any

from providers import fields
from providers.rows import columns
from providers.rows.columns import InvoiceContext
from providers.rows.invoice import InvoiceRow
from providers.rows.parts import CreditRow, LineItemContext, LineItemRow
from schema.filters import ChargeCategory, CreditKind
from schema.scalars import CurrencyCode
from schema.values import BillingPeriod

from .amounts import PREMIUM, REBATE, unread_money
from .details import ArcheraInvoiceDetails, ArcheraLineItemDetails

USD = CurrencyCode("USD")  # no payload names a currency; the vendor's pages say dollars


class ArcheraRebate(CreditRow):
    """The credit of a line item that gives money back."""

    kind = columns.constant(CreditKind.REBATE)
    reference = columns.text("id")
    value = REBATE

    @staticmethod
    def is_stated(row: Any, context: InvoiceContext) -> bool:
        return REBATE(row, context) is not None

    @staticmethod
    def is_credit(row: Any, context: InvoiceContext) -> bool:
        rebate = REBATE(row, context)
        return rebate is not None and bool(rebate.amount)

    @staticmethod
    def key(row: Any, context: LineItemContext) -> str:
        """Return a key with the month. Each rebate is one credit, but ids may start again in each invoice."""
        return f"{context.provider_key}-{context.key_of(row)}"


class ArcheraLineItem(LineItemRow):
    """A line item, which is one commitment in one month."""

    reference = columns.text("id")
    digest = (
        "reference",
        "commitment",
        "contract_term",
        "utilization",
        "premium",
        "rebate",
        "gross_savings",
        "net_savings",
    )
    category = columns.constant(ChargeCategory.PURCHASE)
    cost = PREMIUM
    details = ArcheraLineItemDetails
    credit = ArcheraRebate
    unread_money = staticmethod(unread_money)


class ArcheraInvoice(InvoiceRow):
    """An invoice. Its key is its month, such as `2026-09`. The detail adds a breakdown by contract term."""

    missing_message = "an invoice lacks its month"
    is_partial_in_list = True
    details = ArcheraInvoiceDetails

    @staticmethod
    def key(_row: Any, context: InvoiceContext) -> str:
        start = context.period.start
        return f"{start.year:04}-{start.month:02}"

    @staticmethod
    def period(row: Any, _context: InvoiceContext) -> BillingPeriod | None:
        year, month = fields.integer(row, "year"), fields.integer(row, "month")
        return None if year is None or month is None else fields.month(year, month)

    @staticmethod
    def currency(_row: Any, context: InvoiceContext) -> CurrencyCode:
        return context.account_ref.currency or USD

    @staticmethod
    def reference(row: Any, context: InvoiceContext) -> str:
        return fields.text(row, "id") or context.provider_key
