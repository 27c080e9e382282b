"""The lines of an invoice."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from execution.lazy import Late, late

from .connection import Connection
from .context import Info
from .cost import MAY_ASK
from .filters import ChargeCategory
from .node import Node
from .values import RAW, Json, Money, Quantity, digits

if TYPE_CHECKING:
    from .credit import Credit
    from .invoice import Invoice


@strawberry.interface(description="What only this line's provider says about it; select with an inline fragment.")
class LineItemDetails:
    """Each provider has a type of its own."""

    reference: str | None = strawberry.field(description="The provider's own id of the line. Null when it gives none.")


@late
@strawberry.federation.type(keys=["id"], description="One line of an invoice.")
class LineItem(Late, Node):
    """One line, as the provider states it."""

    description: str | None = strawberry.field(description="What the line says. Null when it says nothing.")
    category: ChargeCategory = strawberry.field(description="What the line charges for.")
    quantity: Quantity | None = strawberry.field(description="How much was charged for. Null when not stated.")
    unit_price: Money | None = strawberry.field(
        description="The price of one unit. Null when not stated, or when its currency is unknown."
    )
    cost: Money | None = strawberry.field(
        description="What the line costs; negative for a credit. Null when not stated, or when its currency is unknown."
    )
    product: str | None = strawberry.field(description="The product charged. Null when not stated.")
    product_group: str | None = strawberry.field(
        description="The provider's wider group of products. Null when not stated."
    )
    product_line: str | None = strawberry.field(description="The provider's line of products. Null when not stated.")
    region: str | None = strawberry.field(
        description="The region charged, in the provider's word. Null when not stated."
    )
    details: LineItemDetails = strawberry.field(description="What only this provider says about the line.")
    invoice_id: strawberry.Private[str]
    credit: strawberry.Private["Credit | None"]
    wire: strawberry.Private[object]
    parent: strawberry.Private["Invoice | None"]

    @strawberry.field(directives=MAY_ASK, description="The invoice that the line is part of.")
    def invoice(self, info: Info) -> Annotated["Invoice", strawberry.lazy("schema.invoice")]:
        return self.parent or info.context.invoice_of(self)  # type: ignore[return-value] # the executor waits

    @strawberry.federation.field(
        tags=[RAW], description="The provider's own object, every number as the string of its digits."
    )
    def raw(self) -> Json | None:
        return digits(self.wire)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "LineItem | None":
        return await info.context.line_item(id)


@strawberry.type(description="One page of an invoice's lines, in the provider's order.")
class LineItemConnection(Connection[LineItem]):
    """A page of lines."""
