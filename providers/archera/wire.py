"""Types of Archera's payloads.

Every key can be absent, null, or of another type than declared. Numbers arrive as int or as the text of their digits.
The keys of a line item's money are not published, so both shapes that the platform uses elsewhere are read.
"""

from typing import TypedDict

Number = int | str


class Invoice(TypedDict, total=False):
    """An invoice in the list. The detail adds a breakdown by term, whose keys are not published."""

    id: str
    year: Number
    month: Number
    invoice_date: str  # the first day of the month, so not an issue date
    total_cloud_bill: Number | None  # the customer's bill at its clouds, not what Archera charges


class Breakdown(TypedDict, total=False):
    """The parts of a commitment's cost."""

    archera_premium: Number


class CommitmentCost(TypedDict, total=False):
    """The cost of a commitment."""

    breakdown: Breakdown


class CommitmentSavings(TypedDict, total=False):
    """The savings from a commitment."""

    gross: Number
    net: Number
    rebate: Number


class CommitmentFinancials(TypedDict, total=False):
    """The nested shape of a line item's money."""

    commitment_cost: CommitmentCost
    commitment_savings: CommitmentSavings


class LineItem(TypedDict, total=False):
    """One commitment in one invoice."""

    id: str
    commitment_id: str
    utilization: Number  # 0 to 1
    contract_term: str | None  # new words can appear
    commitment_financials: CommitmentFinancials  # nested shape; or its two parts on the line item itself:
    commitment_cost: CommitmentCost
    commitment_savings: CommitmentSavings
    archera_premiums: Number  # flat shape: this and the next three keys
    rebates: Number
    total_savings: Number
    net_savings: Number
