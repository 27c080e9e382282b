"""The subscription root: changes to invoices, as the service detects them."""

from collections.abc import AsyncGenerator
from enum import Enum

import strawberry

from .context import Info
from .filters import InvoiceFilterArg
from .invoice import Invoice
from .scopes import INVOICES


@strawberry.enum(description="Kind of change to an invoice.")
class InvoiceChangeKind(Enum):
    """New, restated, or changed in its payment."""

    NEW = strawberry.enum_value("NEW", description="The invoice was absent at the previous poll.")
    RESTATED = strawberry.enum_value("RESTATED", description="The invoice changed, other than in its payment.")
    PAYMENT = strawberry.enum_value("PAYMENT", description="The payment of the invoice changed.")


@strawberry.type(description="A change to one invoice.")
class InvoiceChange:
    """A change, with the current state of the invoice."""

    kind: InvoiceChangeKind = strawberry.field(description="Kind of change.")
    invoice: Invoice = strawberry.field(description="The invoice after the change.")


@strawberry.type(description="The subscription root.")
class Subscription:
    """All subscription fields."""

    @strawberry.subscription(
        directives=INVOICES,
        description=(
            "Changes from now on: a new invoice, a restated invoice, or a changed payment. The service polls "
            "providers at its configured interval."
        ),
    )
    async def invoice_changed(
        self, info: Info, filter_by: InvoiceFilterArg = strawberry.UNSET
    ) -> AsyncGenerator[InvoiceChange, None]:
        async for change in info.context.invoice_changes(filter_by or None):
            yield change
