"""GraphQL types for facts that only Archera states."""

from datetime import date
from decimal import Decimal

from providers.rows import columns
from providers.rows.details import details_type, fact
from schema.invoice import InvoiceDetails
from schema.line_item import LineItemDetails
from schema.values import Money

from .amounts import GROSS_SAVINGS, NET_SAVINGS, PREMIUM, REBATE


@details_type("Facts that only Archera states about an invoice.")
class ArcheraInvoiceDetails(InvoiceDetails):
    """Facts from Archera only."""

    total_cloud_bill: Money | None = fact(
        columns.money("total_cloud_bill"),
        "The customer's bill at all its clouds, before credits and discounts. It is not what Archera "
        "charges. Null if the provider does not state it.",
    )
    invoice_date: date | None = fact(
        columns.day("invoice_date"),
        "First day of the billed month. It is not an issue date. Null if the provider does not state it.",
    )


@details_type("Facts that only Archera states about a line item, which is one commitment in one month.")
class ArcheraLineItemDetails(LineItemDetails):
    """Facts from Archera only."""

    commitment: str | None = fact(
        columns.text("commitment_id"),
        "Commitment that the line item is about. Null if the provider does not state it.",
    )
    utilization: Decimal | None = fact(
        columns.number("utilization"),
        "Average used share of the commitment, from 0 to 1. Null if the provider does not state it.",
    )
    contract_term: str | None = fact(
        columns.text("contract_term"),
        "Contract term in effect when the month was billed, in Archera's own word. Null if the provider "
        "does not state it.",
    )
    premium: Money | None = fact(
        PREMIUM, "Amount that Archera charges for the commitment. Null if the provider does not state it."
    )
    rebate: Money | None = fact(REBATE, "Amount that Archera gives back. Null if the provider does not state it.")
    net_savings: Money | None = fact(
        NET_SAVINGS,
        "Savings from the commitment after premium and rebate. May be negative. Null if the provider does "
        "not state it.",
    )
    gross_savings: Money | None = fact(
        GROSS_SAVINGS,
        "Savings from the commitment before the premium. May be negative. Null if the provider does not state it.",
    )
