"""GraphQL types for facts that only Archera states."""

from datetime import date
from decimal import Decimal

import strawberry

from execution.lazy import LazyObject, lazy_fields
from schema.invoice import InvoiceDetails
from schema.line_item import LineItemDetails
from schema.values import Money


@lazy_fields
@strawberry.type(description="Facts that only Archera states about an invoice.")
class ArcheraInvoiceDetails(LazyObject, InvoiceDetails):
    """Facts from Archera only."""

    total_cloud_bill: Money | None = strawberry.field(
        description=(
            "The customer's bill at all its clouds, before credits and discounts. It is not what Archera "
            "charges. Null if the provider does not state it."
        )
    )
    invoice_date: date | None = strawberry.field(
        description="First day of the billed month. It is not an issue date. Null if the provider does not state it."
    )


@lazy_fields
@strawberry.type(description="Facts that only Archera states about a line item, which is one commitment in one month.")
class ArcheraLineItemDetails(LazyObject, LineItemDetails):
    """Facts from Archera only."""

    commitment: str | None = strawberry.field(
        description="Commitment that the line item is about. Null if the provider does not state it."
    )
    utilization: Decimal | None = strawberry.field(
        description="Average used share of the commitment, from 0 to 1. Null if the provider does not state it."
    )
    contract_term: str | None = strawberry.field(
        description=(
            "Contract term in effect when the month was billed, in Archera's own word. Null if the provider "
            "does not state it."
        )
    )
    premium: Money | None = strawberry.field(
        description="Amount that Archera charges for the commitment. Null if the provider does not state it."
    )
    rebate: Money | None = strawberry.field(
        description="Amount that Archera gives back. Null if the provider does not state it."
    )
    net_savings: Money | None = strawberry.field(
        description=(
            "Savings from the commitment after premium and rebate. May be negative. Null if the provider does "
            "not state it."
        )
    )
    gross_savings: Money | None = strawberry.field(
        description=(
            "Savings from the commitment before the premium. May be negative. Null if the provider does not state it."
        )
    )
