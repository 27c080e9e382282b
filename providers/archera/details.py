"""What only Archera says."""

from datetime import date
from decimal import Decimal

import strawberry

from execution.lazy import Late, late
from schema.invoice import InvoiceDetails
from schema.line_item import LineItemDetails
from schema.values import Money


@late
@strawberry.type(description="What only Archera says about an invoice.")
class ArcheraInvoiceDetails(Late, InvoiceDetails):
    """Archera's own facts."""

    total_cloud_bill: Money | None = strawberry.field(
        description="The customer's bill at all of its clouds, before credits and discounts: not what Archera charges. "
        "Null when not stated."
    )
    invoice_date: date | None = strawberry.field(
        description="The first day of the month billed, which is no issue date. Null when not stated."
    )


@late
@strawberry.type(description="What only Archera says about a line: one commitment in one month.")
class ArcheraLineItemDetails(Late, LineItemDetails):
    """Archera's own facts."""

    commitment: str | None = strawberry.field(
        description="The commitment that the line is about. Null when not stated."
    )
    utilization: Decimal | None = strawberry.field(
        description="How much of the commitment was used on average, from 0 to 1. Null when not stated."
    )
    contract_term: str | None = strawberry.field(
        description="The term in effect when the month was billed, in Archera's word. Null when not stated."
    )
    premium: Money | None = strawberry.field(
        description="What Archera charges for the commitment. Null when not stated."
    )
    rebate: Money | None = strawberry.field(description="What Archera gives back. Null when not stated.")
    net_savings: Money | None = strawberry.field(
        description="What the commitment saved after premium and rebate; may be negative. Null when not stated."
    )
    gross_savings: Money | None = strawberry.field(
        description="What the commitment saved before the premium; may be negative. Null when not stated."
    )
