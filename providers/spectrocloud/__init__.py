"""The provider Spectro Cloud Palette: invoices by uid, with line items by product and charges by project."""

from providers.registry import Capability, ProviderSpec
from schema.filters import CreditKind

from .checks import CHECKS
from .client import SpectroCloud, SpectroCloudSettings
from .details import SpectroCloudInvoiceDetails, SpectroCloudLineItemDetails
from .focus import FOCUS
from .sandbox import Sandbox
from .sandbox_odd import OddSandbox

PROVIDER = ProviderSpec(
    id="spectrocloud",
    settings=SpectroCloudSettings,
    source=SpectroCloud,
    details=(SpectroCloudInvoiceDetails, SpectroCloudLineItemDetails),
    sandbox=Sandbox,
    odd_sandbox=OddSandbox,
    capabilities=frozenset({Capability.TOTAL, Capability.PAYMENT, Capability.PAYMENT_HISTORY, Capability.PROJECTS}),
    credit_kinds=frozenset({CreditKind.FREE, CreditKind.SLA}),
    has_list_endpoint=False,
    focus=FOCUS,
    checks=CHECKS,
)
