"""GraphQL types for facts that only Fastly states."""

from datetime import datetime

from providers.rows import columns
from providers.rows.details import details_type, fact
from schema.invoice import InvoiceDetails
from schema.line_item import LineItemDetails


@details_type("Facts that only Fastly states about an invoice.")
class FastlyInvoiceDetails(InvoiceDetails):
    """Facts from Fastly only."""

    customer: str | None = fact(
        columns.text("customer_id"), "ID of the billed Fastly customer. Null if the provider does not state it."
    )
    statement_number: str | None = fact(
        columns.text("statement_number"), "Number of the statement. Null if the provider does not state it."
    )
    posted_on: datetime | None = fact(
        columns.instant("invoice_posted_on"),
        "Time when the invoice was posted, as Fastly states it. It is often the start of the period, "
        "which is not an issue date. Null if the provider does not state it.",
    )


@details_type("Facts that only Fastly states about a line item.")
class FastlyLineItemDetails(LineItemDetails):
    """Facts from Fastly only."""

    coupon_code: str | None = fact(
        columns.text("credit_coupon_code"), "Code of the coupon that the line item applies. Null if there is none."
    )
    usage_type: str | None = fact(
        columns.text("usage_type", "UsageType"),
        "Type of usage, such as `Requests`. It is not the unit of `quantity`: Fastly counts requests in blocks of "
        "10,000 or of 1,000,000, depending on the product. Null if the provider does not state it.",
    )
