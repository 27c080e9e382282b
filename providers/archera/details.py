"""GraphQL types for facts that only Archera states."""

from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

from execution.columns import InlineColumn
from providers import fields
from providers.rows import columns
from providers.rows.columns import InvoiceContext
from providers.rows.details import details_type, fact
from schema.invoice import InvoiceDetails
from schema.line_item import LineItemDetails
from schema.values import Money, money_or_none


def _money(flat_key: str, *path: str) -> columns.Column[Money | None]:
    """Return the column of an amount in a nested object, or else under the key of the flat shape.

    Archera does not publish the keys of a line item's money. Its API has both shapes in other places. The nested
    objects are below `commitment_financials` or in the line item itself.
    """

    def read(row: Any, context: InvoiceContext) -> Money | None:
        *parents, key = path
        container = reduce(fields.mapping, parents, fields.mapping(row, "commitment_financials") or row)
        nested_amount = fields.number(container, key)
        return money_or_none(fields.number(row, flat_key) if nested_amount is None else nested_amount, context.currency)

    return read


PREMIUM: columns.Column[Money | None] = InlineColumn(
    lambda row: row["commitment_financials"]["commitment_cost"]["breakdown"]["archera_premium"],
    _money("archera_premiums", "commitment_cost", "breakdown", "archera_premium"),
)
REBATE = _money("rebates", "commitment_savings", "rebate")


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
        _money("net_savings", "commitment_savings", "net"),
        "Savings from the commitment after premium and rebate. May be negative. Null if the provider does "
        "not state it.",
    )
    gross_savings: Money | None = fact(
        _money("total_savings", "commitment_savings", "gross"),
        "Savings from the commitment before the premium. May be negative. Null if the provider does not state it.",
    )
