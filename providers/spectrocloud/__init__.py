"""Spectro Cloud Palette: invoices by uid, with lines by product and shares by project."""

from providers.registry import Fact, ProviderKind
from schema.filters import CreditKind

from .client import SpectroCloud, SpectroCloudSettings
from .details import SpectroCloudInvoiceDetails, SpectroCloudLineItemDetails
from .sandbox import Sandbox

PROVIDER = ProviderKind(
    id="spectrocloud",
    name="Spectro Cloud Palette",
    settings=SpectroCloudSettings,
    source=SpectroCloud,
    details=(SpectroCloudInvoiceDetails, SpectroCloudLineItemDetails),
    sandbox=Sandbox,
    states=frozenset({Fact.TOTAL, Fact.PAYMENT, Fact.PROJECTS}),
    credit_kinds=frozenset({CreditKind.FREE, CreditKind.SLA}),
    listed=False,
)
