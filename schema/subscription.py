"""What can be watched: changes of invoices, as they are seen."""

from collections.abc import AsyncGenerator
from enum import Enum

import strawberry

from .context import Info
from .filters import Invoices
from .invoice import Invoice


@strawberry.enum(description="What has changed about an invoice.")
class InvoiceChangeKind(Enum):
    """New, restated, or paid for."""

    NEW = strawberry.enum_value("NEW", description="It was not there when it was last looked for.")
    RESTATED = strawberry.enum_value("RESTATED", description="It says something else than before, payment aside.")
    PAYMENT = strawberry.enum_value("PAYMENT", description="Its payment moved.")


@strawberry.type(description="One change of one invoice.")
class InvoiceChange:
    """A change, with the invoice as it is now."""

    kind: InvoiceChangeKind = strawberry.field(description="What has changed.")
    invoice: Invoice = strawberry.field(description="The invoice after the change.")


@strawberry.type(description="What can be watched.")
class Subscription:
    """Every stream."""

    @strawberry.subscription(
        description=(
            "What changes from now on: a new invoice, a restated one, a payment that moved. "
            "Providers are asked at the interval that the service is configured with."
        )
    )
    async def invoice_changed(
        self, info: Info, filter_by: Invoices = strawberry.UNSET
    ) -> AsyncGenerator[InvoiceChange, None]:
        async for change in info.context.invoice_changes(filter_by or None):
            yield change
