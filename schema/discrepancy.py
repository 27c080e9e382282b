"""Discrepancies: checks that do not come out exact, over all invoices."""

from datetime import datetime
from typing import Annotated

import strawberry

from .account import Account
from .coverage import CoveredConnection
from .invoice import Invoice
from .reconciliation import Check, Severity

MinSeverity = Annotated[Severity, strawberry.argument(description="Only discrepancies of at least this severity.")]


@strawberry.type(description="A check that did not come out exact.")
class Discrepancy:
    """One outcome, and where it belongs."""

    account: Account = strawberry.field(description="Account of the invoice.")
    invoice: Invoice | None = strawberry.field(description="Checked invoice. Null if the account as a whole is meant.")
    check: Check = strawberry.field(description="The check and its outcome.")
    key: strawberry.Private[tuple[int, datetime, str, int]]  # by which the list is sorted


@strawberry.type(
    description=(
        "A page of discrepancies over the requested accounts: by severity, worst first, then by the start of the "
        "billing period, latest first. Those of an account as a whole follow at the end of their severity."
    )
)
class DiscrepancyConnection(CoveredConnection[Discrepancy]):
    """A page of discrepancies."""
