"""GraphQL types for facts that only Fastly states."""

from datetime import datetime

import strawberry

from execution.lazy import LazyObject, lazy_fields
from schema.invoice import InvoiceDetails
from schema.line_item import LineItemDetails


@lazy_fields
@strawberry.type(description="Facts that only Fastly states about an invoice.")
class FastlyInvoiceDetails(LazyObject, InvoiceDetails):
    """Facts from Fastly only."""

    customer: str | None = strawberry.field(
        description="ID of the billed Fastly customer. Null if the provider does not state it."
    )
    statement_number: str | None = strawberry.field(
        description="Number of the statement. Null if the provider does not state it."
    )
    posted_on: datetime | None = strawberry.field(
        description=(
            "Time when the invoice was posted, as Fastly states it. It is often the start of the period, "
            "which is not an issue date. Null if the provider does not state it."
        )
    )


@lazy_fields
@strawberry.type(description="Facts that only Fastly states about a line item.")
class FastlyLineItemDetails(LazyObject, LineItemDetails):
    """Facts from Fastly only."""

    coupon_code: str | None = strawberry.field(
        description="Code of the coupon that the line item applies. Null if there is none."
    )
    usage_type: str | None = strawberry.field(
        description="Type of usage, such as `Requests`. Null if the provider does not state it."
    )
