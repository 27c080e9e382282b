"""Archera: list, detail by year and month, line items."""

from providers.registry import ProviderKind
from schema.filters import CreditKind

from .client import Archera, ArcheraSettings
from .details import ArcheraInvoiceDetails, ArcheraLineItemDetails
from .sandbox import Sandbox

PROVIDER = ProviderKind(
    id="archera",
    name="Archera",
    settings=ArcheraSettings,
    source=Archera,
    details=(ArcheraInvoiceDetails, ArcheraLineItemDetails),
    sandbox=Sandbox,
    states=frozenset(),
    credit_kinds=frozenset({CreditKind.REBATE}),
    lines_apart=True,
    windowed=False,
)
