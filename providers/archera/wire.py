"""Archera's invoices as they are on the wire. Every key may be absent, null, or of another type than declared.

Numbers reach us as int or as the text of their digits. The keys of a line's money are not published: both
shapes that the platform uses elsewhere are read.
"""

from typing import TypedDict

Number = int | str


class Invoice(TypedDict, total=False):
    """An invoice in the list; the detail adds a breakdown by term, whose keys are not published."""

    id: str
    year: Number
    month: Number
    invoice_date: str  # the first of the month: no issue date
    total_cloud_bill: Number | None  # the customer's bill at its clouds, not what Archera charges


class Breakdown(TypedDict, total=False):
    """What a commitment's cost is made of."""

    archera_premium: Number


class CommitmentCost(TypedDict, total=False):
    """What a commitment cost."""

    breakdown: Breakdown


class CommitmentSavings(TypedDict, total=False):
    """What a commitment saved."""

    gross: Number
    net: Number
    rebate: Number


class CommitmentFinancials(TypedDict, total=False):
    """The nested shape of a line's money."""

    commitment_cost: CommitmentCost
    commitment_savings: CommitmentSavings


class LineItem(TypedDict, total=False):
    """One commitment in one invoice."""

    id: str
    commitment_id: str
    utilization: Number  # 0 to 1
    contract_term: str | None  # an open list of words
    commitment_financials: CommitmentFinancials  # nested, or its two parts on the line itself
    commitment_cost: CommitmentCost
    commitment_savings: CommitmentSavings
    archera_premiums: Number  # flat
    rebates: Number
    total_savings: Number
    net_savings: Number
