"""Invoices: each is a bill from one provider to one account for one billing period."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum
from typing import NamedTuple, TypeVar

import strawberry

from execution.awaitable import AwaitableOrValue
from execution.lazy import LazyObject, LazyValue, lazy_fields

from .account import Account, Provider
from .connection import After, First, PageArgs
from .context import Info
from .cost import EXPENSIVE
from .credit import Credit
from .filters import LineItemFilterArg
from .line_item import LineItem, LineItemConnection
from .node import Node
from .payment import PaymentState, PaymentStatus
from .project import ProjectCharge
from .rates import ConvertedMoney, OnRateDay, RateDay, TargetCurrency
from .reconciliation import Reconciliation
from .scalars import CurrencyCode, Json
from .scopes import INVOICES, RAW_OBJECTS
from .totals import LinesTotal
from .values import RAW, BillingPeriod, Money

T = TypeVar("T")
_PARTS = ("line_part", "credit_part", "charge_part")


class ReceivedBody(NamedTuple):
    """Facts about the body of a provider's response. `digest` is a hash that is valid in this process only."""

    digest: int
    memory: int  # bytes that the decoded body takes, estimated


@strawberry.enum(description="Whether an invoice is final.")
class InvoiceStatus(Enum):
    """Open or issued."""

    OPEN = strawberry.enum_value(
        "OPEN", description="The period is still running. The invoice changes until the provider posts it."
    )
    ISSUED = strawberry.enum_value("ISSUED", description="The provider has posted the invoice.")


@strawberry.interface(description="Facts that only the invoice's provider states. Select them with an inline fragment.")
class InvoiceDetails(LazyObject):
    """Each provider has its own type."""

    reference: str = strawberry.field(description="ID of the invoice at the provider.")


@lazy_fields
@strawberry.federation.type(
    keys=["id"], directives=INVOICES, description="A bill from one provider to one account for one billing period."
)
class Invoice(LazyObject, Node):
    """One bill. Parts that need another call, or work that few clients need, are computed only if selected."""

    number: str | None = strawberry.field(description="Number printed on the invoice. Null if it has none.")
    period: BillingPeriod = strawberry.field(description="Period that the invoice bills.")
    issued_at: datetime | None = strawberry.field(
        description=(
            "Time when the invoice was issued. Null if the provider does not state it. The value is never guessed."
        )
    )
    status: InvoiceStatus | None = strawberry.field(description="Whether the invoice is final. Null if not known.")
    payment_states: list[PaymentState] | None = strawberry.field(
        description=(
            "Payment history, earliest state first. Null if the provider gives no payment information for the invoice."
        )
    )
    payment_status: PaymentStatus | None = strawberry.field(
        description=(
            "Current payment status. Null if the provider states none, or if its states conflict or have no "
            "known order. Null never means unpaid."
        )
    )
    observed_at: datetime = strawberry.field(description="Time when this service read the invoice from the provider.")
    stale: bool = strawberry.field(
        default=False,
        description="True if the invoice is older than it should be because it could not be fetched again.",
    )
    restated_at: datetime | None = strawberry.field(
        default=None,
        description=(
            "Time when this service last noticed that the invoice changed, other than in its payment. Null if "
            "no change was noticed."
        ),
    )
    details: InvoiceDetails = strawberry.field(description="Facts that only this provider states about the invoice.")

    account_id: strawberry.Private[str]
    total_without_lookup: strawberry.Private[Money | None]
    line_part: strawberry.Private[LazyValue[Sequence[LineItem] | None] | None]  # None: another call returns them
    credit_part: strawberry.Private[LazyValue[list[Credit] | None] | None]  # None: read the credits from the line items
    charge_part: strawberry.Private[LazyValue[Sequence[ProjectCharge] | None] | None]
    currency: strawberry.Private[CurrencyCode | None] = None  # of its amounts; None: it is not known
    payload: strawberry.Private[object] = None  # None: another call returns the full object
    list_payload: strawberry.Private[object] = None  # the object in a list, if the list returns less
    body: strawberry.Private[ReceivedBody | None] = None  # the body that holds this invoice only, if there is one
    stale_reason: strawberry.Private[Exception | None] = None
    with_currency: strawberry.Private[Callable[[CurrencyCode], "Invoice"] | None] = None  # set if no currency is stated

    def __copy__(self) -> "Invoice":
        """Return a copy without the parts that refer to this invoice. The copy computes its own."""
        clone = object.__new__(Invoice)
        fields = clone.__dict__ = self.__dict__.copy()
        for name in _PARTS:
            if fields.get(name) is not None:
                del fields[name]
        return clone

    @strawberry.field(description="Account that is billed.")
    def account(self, info: Info) -> Account:
        return info.context.account_of(self)

    @strawberry.field(description="Provider that bills the account.")
    def provider(self, info: Info) -> Provider:
        return info.context.account_of(self).provider(info)

    @strawberry.field(
        description=(
            "Billed amount, as the provider states it. Null if the provider states no amount or its currency "
            "is unknown. A running invoice without a currency takes that of the account's newest posted "
            "invoice. Null with an error if that lookup fails."
        )
    )
    def total(self, info: Info) -> Money | None:
        return info.context.total(self)  # type: ignore[return-value] # the executor awaits an awaitable

    @strawberry.field(
        directives=EXPENSIVE,
        description=(
            "Line items, in the provider's order. Null if the provider lists none. Null with an error if they "
            "could not be fetched."
        ),
    )
    def line_items(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        filter_by: LineItemFilterArg = strawberry.UNSET,
    ) -> LineItemConnection | None:
        page = PageArgs.of(first=first, after=after)
        return info.context.line_items(self, page, filter_by or None)  # type: ignore[return-value] # or awaitable

    @strawberry.field(
        directives=EXPENSIVE,
        description=(
            "Credits that the invoice shows. Null if the provider states nothing about credits. Null with an "
            "error if they could not be fetched."
        ),
    )
    def credits(self, info: Info) -> list[Credit] | None:
        return info.context.credits_of(self)  # type: ignore[return-value] # or awaitable

    @strawberry.field(
        description=(
            "Charge of the invoice to each project. It is a second view of the same money as `lineItems`: "
            "never add the two. Null if the provider does not split the invoice by project."
        )
    )
    def projects(self) -> Sequence[ProjectCharge] | None:
        return self.charge_part.get(self) if self.charge_part else None

    @strawberry.field(
        directives=EXPENSIVE,
        description=(
            "The sum of the line items. Derived by this service, not stated by the provider: compare it with `total`. "
            "Archera states no total, but its premiums add up here. Null if the provider lists no line items. Null "
            "with an error if they could not be fetched or an amount could not be read."
        ),
    )
    async def lines_total(self, info: Info) -> LinesTotal | None:
        return await info.context.lines_total(self)

    @strawberry.field(
        directives=EXPENSIVE,
        description=(
            "Whether the figures of the invoice agree with each other. Null with an error if its line items could not "
            "be fetched."
        ),
    )
    async def reconciliation(self, info: Info) -> Reconciliation | None:
        return await info.context.reconcile(self)

    @strawberry.field(
        description=(
            "Time when payment is due. Derived by this service from the payment terms in its configuration. Null if "
            "the terms or the day from which they count are not known."
        )
    )
    def due_at(self, info: Info) -> datetime | None:
        return info.context.payment_terms.due_at(self)

    @strawberry.field(
        description=(
            "Whether payment is due now, and the invoice is not `PAID`. Null if `dueAt` or `paymentStatus` is null."
        )
    )
    def overdue(self, info: Info) -> bool | None:
        return info.context.payment_terms.is_overdue(self)

    @strawberry.field(
        description=(
            "How many payments of the invoice failed. Null if the provider states no payment history. Fastly states "
            "the current status only."
        )
    )
    def failed_attempts(self, info: Info) -> int | None:
        return info.context.payment_terms.failed_attempts(self)

    @strawberry.field(
        description=(
            "`total` in another currency, by the operator's exchange rates. Null if there is no total, or no rate on "
            "the day or the 7 days before."
        )
    )
    def total_in(self, info: Info, to: TargetCurrency, on: OnRateDay = RateDay.PERIOD_END) -> ConvertedMoney | None:
        return info.context.total_in(self, to, on)  # type: ignore[return-value] # or awaitable

    @strawberry.federation.field(
        directives=[*EXPENSIVE, *RAW_OBJECTS],
        tags=[RAW],
        description=(
            "Original object from the provider, with every number as a string of its digits. May require a "
            "provider call."
        ),
    )
    async def raw(self, info: Info) -> Json | None:
        return await info.context.raw(self)

    @classmethod
    def resolve_reference(cls, info: Info, id: strawberry.ID) -> AwaitableOrValue["Invoice | None"]:
        return info.context.invoice(id)
