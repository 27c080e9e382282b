"""Rows of Fastly's billing/v3.

Every key can be absent, null, or of another type than documented. Fastly capitalized five keys of line items from
February to August 2024.
"""

from datetime import datetime
from typing import Any

from providers import fields
from providers.rows import columns
from providers.rows.columns import InvoiceContext
from providers.rows.invoice import InvoiceRow, rows
from providers.rows.parts import CreditRow, LineItemRow
from providers.source import MONTH_TO_DATE
from schema.filters import ChargeCategory, CreditKind
from schema.invoice import InvoiceStatus
from schema.payment import PaymentStatus
from schema.values import Money

from .categories import category_of
from .details import FastlyInvoiceDetails, FastlyLineItemDetails

_PAYMENT_STATUS = {"paid": PaymentStatus.PAID, "outstanding": PaymentStatus.PENDING}  # not documented
_AMOUNT = columns.money("amount")


class FastlyCoupon(CreditRow):
    """The credit of a line item with a coupon code."""

    kind = columns.constant(CreditKind.COUPON)
    reference = columns.text("credit_coupon_code")  # "" if there is none; absent on the month to date
    product = columns.text("product_name", "ProductName")
    description = columns.text("description")

    @staticmethod
    def is_stated(row: Any, _context: InvoiceContext) -> bool:
        return row.get("credit_coupon_code") is not None

    @staticmethod
    def is_credit(row: Any, _context: InvoiceContext) -> bool:
        return fields.text(row, "credit_coupon_code") is not None

    @staticmethod
    def value(row: Any, context: InvoiceContext) -> Money | None:
        """Return the negated cost. Returns None if the cost is not negative: the coupon deducts nothing."""
        cost = _AMOUNT(row, context)
        is_deducted = cost is not None and cost.amount < 0
        return Money(amount=cost.amount.copy_negate(), currency=cost.currency) if cost and is_deducted else None


class FastlyLineItem(LineItemRow):
    """A line item. It has neither an id nor a date."""

    digest = (
        "description",
        "product",
        "product_group",
        "product_line",
        "region",
        "coupon_code",
        "usage_type",
        "cost",
        "unit_price",
        "quantity",
    )
    description = columns.text("description")
    # No unit: Fastly counts requests in blocks of 10,000, those of Compute in blocks of a million, and bandwidth in
    # gigabytes. The usage type is the same word for both kinds of requests.
    quantity = columns.quantity("units", None)
    unit_price = columns.money("rate")
    cost = _AMOUNT
    product = columns.text("product_name", "ProductName")
    product_group = columns.text("product_group", "ProductGroup")
    product_line = columns.text("product_line", "ProductLine")
    region = columns.text("region", "Region")
    details = FastlyLineItemDetails
    credit = FastlyCoupon

    @staticmethod
    def category(row: Any, context: InvoiceContext) -> ChargeCategory:
        """Return CREDIT for a negative cost with a coupon. A negative cost without one is an ADJUSTMENT, or a TAX."""
        amount = fields.number(row, "amount")
        is_negative = context.currency is not None and amount is not None and amount < 0
        if is_negative and fields.text(row, "credit_coupon_code"):
            return ChargeCategory.CREDIT
        category = category_of(
            fields.text(row, "product_name", "ProductName"),
            fields.text(row, "product_group", "ProductGroup"),
            fields.text(row, "description"),
        )
        return ChargeCategory.ADJUSTMENT if is_negative and category is not ChargeCategory.TAX else category


class FastlyInvoice(InvoiceRow):
    """A posted invoice, in a list and by its id."""

    key = columns.text("invoice_id")  # opaque: INV-375119, or only digits on older ones
    period = columns.period("billing_start_date", "billing_end_date")  # midnight of the first and the last day
    currency = columns.currency("currency_code")
    number = columns.text("statement_number")
    total = columns.money("monthly_transaction_amount")
    payment_states = columns.payment("payment_status", _PAYMENT_STATUS)
    details = FastlyInvoiceDetails
    line_items = rows("transaction_line_items", FastlyLineItem)

    @staticmethod
    def issued_at(row: Any, context: InvoiceContext) -> datetime | None:
        """Return the instant of posting. Returns None if it is before the end of the period: it is no issue date."""
        posted_on = fields.instant(row, "invoice_posted_on")
        return posted_on if posted_on and posted_on >= context.period.end else None


class FastlyMonthToDate(FastlyInvoice):
    """The running invoice. Its own id changes with each request."""

    missing_message = "the month to date lacks its period"
    key = columns.constant(MONTH_TO_DATE)
    period = columns.exact_period("billing_start_date", "billing_end_date")  # the end is the last counted instant
    currency = columns.stated_currency("currency_code")  # none today
    status = InvoiceStatus.OPEN

    @staticmethod
    def issued_at(row: Any, context: InvoiceContext) -> None:
        """Return None: nothing is issued."""

    @staticmethod
    def reference(row: Any, context: InvoiceContext) -> str:
        return fields.text(row, "invoice_id") or context.provider_key
