"""Lists of invoices: pages of issued ones, and the running ones."""

from collections.abc import Awaitable, Callable

import strawberry
from strawberry.federation.schema_directives import Cost

from .coverage import Coverage, CoveredConnection
from .invoice import Invoice
from .totals import InvoiceTotals


@strawberry.type(description="A page of invoices over the requested accounts.")
class InvoiceConnection(CoveredConnection[Invoice]):
    """A page of invoices."""

    sum_totals: strawberry.Private[Callable[[], Awaitable[InvoiceTotals | None]]]

    @strawberry.field(
        directives=[Cost(weight=100)],
        description=(
            "Sums of the stated totals of all matching invoices, independent of the cursor. May require further "
            "provider calls. Null if they are unknown because an account could not be read in full. Null with an "
            "error if a total could not be read."
        ),
    )
    async def totals(self) -> InvoiceTotals | None:
        return await self.sum_totals()


@strawberry.type(description="Running invoices, which are not posted yet.")
class MonthToDate:
    """At most one invoice for each account."""

    nodes: list[Invoice] = strawberry.field(description="Running invoice of each account that has one.")
    coverage: list[Coverage] = strawberry.field(
        description="Completeness of the data, with exactly one entry for each account."
    )
