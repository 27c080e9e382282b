"""The provider Spectro Cloud Palette: invoices by uid, with line items by product and charges by project."""

from providers.registry import Capability, ProviderSpec
from schema.filters import CreditKind

from .client import SpectroCloud, SpectroCloudSettings
from .details import SpectroCloudInvoiceDetails, SpectroCloudLineItemDetails
from .focus import FOCUS
from .sandbox import Sandbox

PROVIDER = ProviderSpec(
    id="spectrocloud",
    settings=SpectroCloudSettings,
    source=SpectroCloud,
    details=(SpectroCloudInvoiceDetails, SpectroCloudLineItemDetails),
    sandbox=Sandbox,
    capabilities=frozenset({Capability.TOTAL, Capability.PAYMENT, Capability.PROJECTS}),
    credit_kinds=frozenset({CreditKind.FREE, CreditKind.SLA}),
    has_list_endpoint=False,
    focus=FOCUS,
)
