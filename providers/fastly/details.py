"""What only Fastly says."""

from datetime import datetime

import strawberry

from execution.lazy import Late, late
from schema.invoice import InvoiceDetails
from schema.line_item import LineItemDetails


@late
@strawberry.type(description="What only Fastly says about an invoice.")
class FastlyInvoiceDetails(Late, InvoiceDetails):
    """Fastly's own facts."""

    customer: str | None = strawberry.field(description="The Fastly customer billed. Null when not stated.")
    statement_number: str | None = strawberry.field(description="The number of the statement. Null when not stated.")
    posted_on: datetime | None = strawberry.field(
        description="When it was posted, as stated; often the start of the period, which is no issue date. "
        "Null when not stated."
    )


@late
@strawberry.type(description="What only Fastly says about a line.")
class FastlyLineItemDetails(Late, LineItemDetails):
    """Fastly's own facts."""

    coupon_code: str | None = strawberry.field(description="The coupon that the line applies. Null when there is none.")
    usage_type: str | None = strawberry.field(description="What was used, such as Requests. Null when not stated.")
