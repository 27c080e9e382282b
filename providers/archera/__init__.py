"""The provider Archera: a list, details by year and month, and line items by a call of their own."""

from providers.registry import ProviderSpec
from schema.filters import CreditKind

from .checks import CHECKS
from .client import Archera, ArcheraSettings
from .details import ArcheraInvoiceDetails, ArcheraLineItemDetails
from .focus import FOCUS
from .sandbox import Sandbox
from .sandbox_odd import OddSandbox

PROVIDER = ProviderSpec(
    id="archera",
    settings=ArcheraSettings,
    source=Archera,
    details=(ArcheraInvoiceDetails, ArcheraLineItemDetails),
    sandbox=Sandbox,
    odd_sandbox=OddSandbox,
    credit_kinds=frozenset({CreditKind.REBATE}),
    credits_have_terms=False,
    line_items_need_call=True,
    list_filters_dates=False,
    focus=FOCUS,
    checks=CHECKS,
)
