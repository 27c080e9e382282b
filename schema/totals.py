"""Sums of the totals of invoices, and of the line items of one invoice."""

import strawberry

from .values import Money


@strawberry.type(
    description="Sums of the totals that the providers state. One for each currency: they are never mixed."
)
class InvoiceTotals:
    """Exact sums."""

    sums: list[Money] = strawberry.field(description="Sum of the totals of each currency, sorted by currency.")
    invoices: int = strawberry.field(description="Number of matching invoices.")
    without_total: int = strawberry.field(description="How many of them state no total. They are in no sum.")


@strawberry.type(description="The sum of an invoice's line items. No provider states it.")
class LinesTotal:
    """A derived sum."""

    sum: Money | None = strawberry.field(
        description="Exact sum of all costs. Null if no line item states one, or if their currencies differ."
    )
    lines: int = strawberry.field(description="Number of line items.")
    unpriced: int = strawberry.field(description="How many of them state no amount or no currency: not in the sum.")
