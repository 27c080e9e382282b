"""Types of Fastly's billing/v3 payloads.

Every key can be absent, null, or of another type than declared. Numbers arrive as int or as the text of their digits.
"""

from typing import TypedDict

Number = int | str


class LineItem(TypedDict, total=False):
    """A line item of an invoice. It has no id and no date.

    Fastly used the capitalized keys from February to August 2024.
    """

    description: str
    amount: Number
    credit_coupon_code: str  # "" if there is none; absent on month-to-date
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
    """A posted invoice, in a list and by its id. Month-to-date lacks the keys with that comment."""

    customer_id: str
    invoice_id: str  # opaque: INV-375119, or only digits on older ones
    invoice_posted_on: str  # absent on month-to-date
    billing_start_date: str
    billing_end_date: str  # midnight of the last day; on month-to-date the instant up to which usage is counted
    statement_number: str  # absent on month-to-date
    currency_code: str  # absent on month-to-date
    monthly_transaction_amount: Number  # a string on month-to-date
    payment_status: str  # undocumented: paid, outstanding; absent on month-to-date
    transaction_line_items: list[LineItem]
