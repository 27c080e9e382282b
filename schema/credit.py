"""Credits: granted money or usage, and how much of it remains."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from .account import Account
from .context import Info
from .cost import EXPENSIVE
from .coverage import CoveredConnection
from .filters import CreditKind, CreditState
from .node import Node
from .scopes import INVOICES
from .values import Money, Quantity

if TYPE_CHECKING:
    from .invoice import Invoice

CreditValue = Annotated[
    Money | Quantity,
    strawberry.union(
        name="CreditValue", description="Value of a credit: money or an amount of usage, never a mix of both."
    ),
]

AsOf = Annotated[datetime | None, strawberry.argument(description="The instant. Null for the time of the request.")]


@strawberry.federation.type(
    keys=["id"], directives=INVOICES, description="A credit that a provider granted, as one invoice shows it."
)
class Credit(Node):
    """A credit at the time of one invoice. The next invoice may show more of it as used."""

    kind: CreditKind = strawberry.field(description="Kind of the credit.")
    product: str | None = strawberry.field(
        description=(
            "Product that the credit applies to. Null if it applies to any product or the provider does not state it."
        )
    )
    description: str | None = strawberry.field(
        description="Name or description of the credit at the provider. Null if it has none."
    )
    reference: str | None = strawberry.field(
        description="ID of the credit at the provider, such as a coupon code. Null if the provider gives none."
    )
    value: CreditValue | None = strawberry.field(description="Granted value. Null if the provider does not state it.")
    used: CreditValue | None = strawberry.field(
        description="Used part of the value. Null if the provider does not state it."
    )
    remaining: CreditValue | None = strawberry.field(
        description="Remaining part of the value. Null if `value` or `used` is not stated."
    )
    starts_at: datetime | None = strawberry.field(
        description="Time from which the credit can be used. Null if the provider does not state it."
    )
    expires_at: datetime | None = strawberry.field(
        description="Time until which the credit can be used. Null if the provider does not state it."
    )
    account_id: strawberry.Private[str]
    parent: strawberry.Private["Invoice | None"] = None
    invoice_id: strawberry.Private[str] = ""

    @strawberry.field(
        description=(
            "State of the credit at an instant, by its dates and by what remains of it on the invoice. Null if the "
            "provider states neither."
        )
    )
    def state(self, info: Info, as_of: AsOf = strawberry.UNSET) -> CreditState | None:
        return credit_state(self, as_of or info.context.now())

    @strawberry.field(directives=EXPENSIVE, description="Invoice that shows the credit in this state.")
    def invoice(self, info: Info) -> Annotated["Invoice", strawberry.lazy("schema.invoice")]:
        return self.parent or info.context.parent_invoice(self)  # type: ignore[return-value] # the executor awaits it

    @strawberry.field(description="Account that received the credit.")
    def account(self, info: Info) -> Account:
        return info.context.account_of(self)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Credit | None":
        return await info.context.credit(id)


def credit_state(credit: Credit, as_of: datetime) -> CreditState | None:
    """Return the state of a credit. Returns None if neither a date nor the remaining part is stated."""
    if credit.starts_at is not None and credit.starts_at > as_of:
        return CreditState.NOT_STARTED
    if credit.expires_at is not None and credit.expires_at <= as_of:
        return CreditState.EXPIRED
    if credit.remaining is not None and credit.remaining.amount <= 0:
        return CreditState.EXHAUSTED
    is_stated = credit.starts_at is not None or credit.expires_at is not None or credit.remaining is not None
    return CreditState.ACTIVE if is_stated else None


@strawberry.type(description="A page of credits over the requested accounts, newest invoices first.")
class CreditConnection(CoveredConnection[Credit]):
    """A page of credits."""
