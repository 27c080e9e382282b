"""Line items of an invoice."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import strawberry

from execution.lazy import LazyObject, lazy_fields

from .connection import Connection
from .context import Info
from .cost import EXPENSIVE
from .filters import ChargeCategory
from .focus import FocusInvoiceDetail
from .node import Node
from .scalars import Json, stringify_numbers
from .scopes import INVOICES, RAW_OBJECTS
from .values import RAW, Money, Quantity

if TYPE_CHECKING:
    from .credit import Credit
    from .invoice import Invoice


@strawberry.interface(
    description="Facts that only the line item's provider states. Select them with an inline fragment."
)
class LineItemDetails(LazyObject):
    """Each provider has its own type."""

    reference: str | None = strawberry.field(
        description="ID of the line item at the provider. Null if the provider gives none."
    )


@lazy_fields
@strawberry.federation.type(keys=["id"], directives=INVOICES, description="A line item of an invoice.")
class LineItem(LazyObject, Node):
    """One line item, as the provider states it."""

    description: str | None = strawberry.field(description="Text of the line item. Null if it has none.")
    category: ChargeCategory = strawberry.field(description="Category of the charge.")
    quantity: Quantity | None = strawberry.field(
        description="Charged quantity. Null if the provider does not state it."
    )
    unit_price: Money | None = strawberry.field(
        description="Price of one unit. Null if the provider does not state it or its currency is unknown."
    )
    cost: Money | None = strawberry.field(
        description=(
            "Cost of the line item, negative for a credit. Null if the provider does not state it or its "
            "currency is unknown."
        )
    )
    product: str | None = strawberry.field(description="Charged product. Null if the provider does not state it.")
    product_group: str | None = strawberry.field(
        description="Wider group of products at the provider. Null if the provider does not state it."
    )
    product_line: str | None = strawberry.field(
        description="Product line at the provider. Null if the provider does not state it."
    )
    region: str | None = strawberry.field(
        description="Charged region, as the provider names it. Null if the provider does not state it."
    )
    details: LineItemDetails = strawberry.field(description="Facts that only this provider states about the line item.")
    invoice_id: strawberry.Private[str]
    position: strawberry.Private[int]  # among the line items of the invoice, from 0
    credit: strawberry.Private["Credit | None"]
    is_credit_stated: strawberry.Private[bool]  # whether the provider tells if there is a credit
    payload: strawberry.Private[object]
    unread_money: strawberry.Private[Sequence[str]]  # the keys of amounts that could not be read
    parent: strawberry.Private["Invoice | None"]

    @strawberry.field(directives=EXPENSIVE, description="Invoice that contains the line item.")
    def invoice(self, info: Info) -> Annotated["Invoice", strawberry.lazy("schema.invoice")]:
        return self.parent or info.context.parent_invoice(self)  # type: ignore[return-value] # the executor awaits it

    @strawberry.field(
        directives=EXPENSIVE,
        description=(
            "The line item as a record of FOCUS 1.4 Invoice Detail. Null with an error if its invoice or account "
            "could not be fetched."
        ),
    )
    async def focus(self, info: Info) -> FocusInvoiceDetail | None:
        return await info.context.focus(self)

    @strawberry.federation.field(
        directives=RAW_OBJECTS,
        tags=[RAW],
        description="Original object from the provider, with every number as a string of its digits.",
    )
    def raw(self) -> Json | None:
        return stringify_numbers(self.payload)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "LineItem | None":
        return await info.context.line_item(id)


@strawberry.type(description="A page of an invoice's line items, in the provider's order.")
class LineItemConnection(Connection[LineItem]):
    """A page of line items."""
