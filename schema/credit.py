"""Credits: what was granted, in money or in usage, and how much of it is left."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from .account import Account
from .context import Info
from .cost import MAY_ASK
from .coverage import CoveredConnection
from .filters import CreditKind
from .node import Node
from .values import Money, Quantity

if TYPE_CHECKING:
    from .invoice import Invoice

CreditValue = Annotated[
    Money | Quantity,
    strawberry.union(
        name="CreditValue", description="What a credit is worth: money, or an amount of usage. Never mixed."
    ),
]


@strawberry.federation.type(keys=["id"], description="A grant, as one invoice shows it.")
class Credit(Node):
    """A grant at the time of one invoice; the next invoice may show more of it used."""

    kind: CreditKind = strawberry.field(description="What kind of grant it is.")
    product: str | None = strawberry.field(description="The product it is for. Null when it is for any, or not stated.")
    description: str | None = strawberry.field(description="What the provider calls it. Null when it has no name.")
    reference: str | None = strawberry.field(
        description="The provider's own id of the grant, such as a coupon's code. Null when it gives none."
    )
    value: CreditValue | None = strawberry.field(description="What was granted. Null when not stated.")
    used: CreditValue | None = strawberry.field(description="How much of it is used up. Null when not stated.")
    remaining: CreditValue | None = strawberry.field(
        description="How much is left. Null when value or use is not stated."
    )
    starts_at: datetime | None = strawberry.field(description="From when it may be used. Null when not stated.")
    expires_at: datetime | None = strawberry.field(description="Until when it may be used. Null when not stated.")
    account_id: strawberry.Private[str]
    parent: strawberry.Private["Invoice | None"] = None
    invoice_id: strawberry.Private[str] = ""

    @strawberry.field(directives=MAY_ASK, description="The invoice that shows the grant so.")
    def invoice(self, info: Info) -> Annotated["Invoice", strawberry.lazy("schema.invoice")]:
        return self.parent or info.context.invoice_of(self)  # type: ignore[return-value] # the executor waits

    @strawberry.field(description="The account that the grant was made to.")
    def account(self, info: Info) -> Account:
        return info.context.account_of(self)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Credit | None":
        return await info.context.credit(id)


@strawberry.type(description="One page of credits over the accounts asked for, newest invoices first.")
class CreditConnection(CoveredConnection[Credit]):
    """A page of credits."""
