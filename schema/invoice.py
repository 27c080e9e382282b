"""Invoices: one bill from one provider to one account for one billing period."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum
from typing import TypeVar

import strawberry

from execution.lazy import Late, Part, late

from .account import Account, Provider
from .connection import After, First, Slice
from .context import Info
from .cost import MAY_ASK
from .coverage import Coverage, CoveredConnection
from .credit import Credit
from .filters import LineItems
from .line_item import LineItem, LineItemConnection
from .node import Node
from .payment import PaymentState, PaymentStatus
from .project import ProjectCharge
from .values import RAW, BillingPeriod, CurrencyCode, Json, Money

T = TypeVar("T")
_PARTS = ("lines", "grants", "charges")


@strawberry.enum(description="Whether an invoice is final.")
class InvoiceStatus(Enum):
    """Open or issued."""

    OPEN = strawberry.enum_value(
        "OPEN", description="The period is still running: the invoice changes until it is posted."
    )
    ISSUED = strawberry.enum_value("ISSUED", description="Posted by the provider.")


@strawberry.interface(description="What only this invoice's provider says about it; select with an inline fragment.")
class InvoiceDetails:
    """Each provider has a type of its own."""

    reference: str = strawberry.field(description="The provider's own id of the invoice.")


@late
@strawberry.federation.type(
    keys=["id"], description="One bill from one provider to one account for one billing period."
)
class Invoice(Late, Node):
    """One bill; what costs a further call, or work that few ask for, is made when selected."""

    number: str | None = strawberry.field(description="The number printed on it. Null when it has none.")
    period: BillingPeriod = strawberry.field(description="The time that it bills.")
    issued_at: datetime | None = strawberry.field(
        description="When it was issued. Null when the provider does not say; never guessed."
    )
    status: InvoiceStatus | None = strawberry.field(description="Whether it is final. Null when not known.")
    payment_states: list[PaymentState] | None = strawberry.field(
        description="The history of its payment, earliest first. Null when the provider does not follow payment."
    )
    payment_status: PaymentStatus | None = strawberry.field(
        description=(
            "Where payment stands now. "
            "Null when the provider does not say, or contradicts itself; null never means unpaid."
        )
    )
    observed_at: datetime = strawberry.field(description="When this graph read it from the provider.")
    stale: bool = strawberry.field(
        default=False,
        description="True when it is older than it should be because the provider could not be asked.",
    )
    restated_at: datetime | None = strawberry.field(
        default=None,
        description=(
            "When this graph last saw that it says something else than before, payment aside. "
            "Null when it was never seen to change."
        ),
    )
    details: InvoiceDetails = strawberry.field(description="What only this provider says about it.")

    account_id: strawberry.Private[str]
    stated_total: strawberry.Private[Money | None]
    lines: strawberry.Private[Part[Sequence[LineItem] | None] | None]  # None: another call has them
    grants: strawberry.Private[Part[list[Credit] | None] | None]  # None: the lines bear the credits
    charges: strawberry.Private[Part[Sequence[ProjectCharge] | None] | None]
    wire: strawberry.Private[object] = None  # None: another call has all of it
    listed: strawberry.Private[object] = None  # what a list says of it, where that is not all
    stale_because: strawberry.Private[Exception | None] = None
    priced_in: strawberry.Private[Callable[[CurrencyCode], "Invoice"] | None] = None  # set: its currency is not stated

    def __copy__(self) -> "Invoice":
        """All that is known of it, but for the parts that name it: the copy makes its own."""
        copied = object.__new__(Invoice)
        known = copied.__dict__ = self.__dict__.copy()
        for name in _PARTS:
            if known.get(name) is not None:
                del known[name]
        return copied

    @strawberry.field(description="The account that is billed.")
    def account(self, info: Info) -> Account:
        return info.context.account_of(self)

    @strawberry.field(description="The provider that bills.")
    def provider(self, info: Info) -> Provider:
        return info.context.account_of(self).provider(info)

    @strawberry.field(
        description="The amount billed, as the provider states it. Null when it states none, or no currency for it."
    )
    def total(self, info: Info) -> Money | None:
        return info.context.total(self)  # type: ignore[return-value] # where it is one to come, the executor waits

    @strawberry.field(
        directives=MAY_ASK,
        description=(
            "Its lines, in the provider's order. "
            "Null when the provider lists none, or with an error when it could not be asked."
        ),
    )
    def line_items(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        filter_by: LineItems = strawberry.UNSET,
    ) -> LineItemConnection | None:
        wanted = Slice.of(first=first, after=after)
        return info.context.line_items(self, wanted, filter_by or None)  # type: ignore[return-value] # as above

    @strawberry.field(
        directives=MAY_ASK,
        description=(
            "The grants that it shows. "
            "Null when the provider says nothing of credits, or with an error when it could not be asked."
        ),
    )
    def credits(self, info: Info) -> list[Credit] | None:
        return info.context.credits_of(self)  # type: ignore[return-value] # as above

    @strawberry.field(
        description=(
            "What it charges to each project: a second view of the same money as the line items, "
            "never to be added to them. "
            "Null when the provider does not split invoices by project."
        )
    )
    def projects(self) -> Sequence[ProjectCharge] | None:
        return self.charges.of(self) if self.charges else None

    @strawberry.federation.field(
        directives=MAY_ASK,
        tags=[RAW],
        description="The provider's own object, every number as the string of its digits. May cost a call.",
    )
    async def raw(self, info: Info) -> Json | None:
        return await info.context.raw(self)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Invoice | None":
        return await info.context.invoice(id)


@strawberry.type(description="One page of invoices over the accounts asked for.")
class InvoiceConnection(CoveredConnection[Invoice]):
    """A page of invoices."""


@strawberry.type(description="The running, not yet posted invoices.")
class MonthToDate:
    """At most one invoice for each account."""

    nodes: list[Invoice] = strawberry.field(description="The running invoice of each account that has one.")
    coverage: list[Coverage] = strawberry.field(
        description="How far the answer speaks for each account: exactly one entry for each."
    )
