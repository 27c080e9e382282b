"""The provider Archera: a list, details by year and month, and line items by a call of their own."""

from providers.registry import ProviderSpec
from schema.filters import CreditKind

from .client import Archera, ArcheraSettings
from .details import ArcheraInvoiceDetails, ArcheraLineItemDetails
from .focus import FOCUS
from .sandbox import Sandbox

PROVIDER = ProviderSpec(
    id="archera",
    settings=ArcheraSettings,
    source=Archera,
    details=(ArcheraInvoiceDetails, ArcheraLineItemDetails),
    sandbox=Sandbox,
    credit_kinds=frozenset({CreditKind.REBATE}),
    line_items_need_call=True,
    list_filters_dates=False,
    focus=FOCUS,
)
