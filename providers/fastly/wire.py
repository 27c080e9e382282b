"""Fastly's billing/v3 as it is on the wire. Every key may be absent, null, or of another type than declared.

Numbers reach us as int or as the text of their digits.
"""

from typing import TypedDict

Number = int | str


class LineItem(TypedDict, total=False):
    """A line of an invoice. It has no id and no date. The capitalised keys are those of February to August 2024."""

    description: str
    amount: Number
    credit_coupon_code: str  # "" when there is none; not on month-to-date
    rate: Number
    units: Number
    product_name: str
    product_group: str
    product_line: str
    region: str
    usage_type: str
    ProductName: str
    ProductGroup: str
    ProductLine: str
    Region: str
    UsageType: str


class Invoice(TypedDict, total=False):
    """A posted invoice, in a list and by its id; month-to-date lacks the keys marked so."""

    customer_id: str
    invoice_id: str  # opaque: INV-375119, or bare digits on older ones
    invoice_posted_on: str  # not on month-to-date
    billing_start_date: str
    billing_end_date: str  # midnight of the last day; on month-to-date the instant up to which it counts
    statement_number: str  # not on month-to-date
    currency_code: str  # not on month-to-date
    monthly_transaction_amount: Number  # a string on month-to-date
    payment_status: str  # undocumented: paid, outstanding; not on month-to-date
    transaction_line_items: list[LineItem]


class Meta(TypedDict, total=False):
    """Where a page stands."""

    next_cursor: str  # "" on the last page
    limit: Number
    sort: str
    total: Number


class InvoiceList(TypedDict, total=False):
    """A page of posted invoices, newest first."""

    data: list[Invoice]
    meta: Meta
