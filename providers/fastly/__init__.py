"""The provider Fastly: a paged list, invoices by id, and the month to date."""

from providers.registry import Capability, ProviderSpec
from schema.filters import CreditKind

from .checks import CHECKS
from .client import Fastly, FastlySettings
from .details import FastlyInvoiceDetails, FastlyLineItemDetails
from .focus import FOCUS
from .sandbox import Sandbox
from .sandbox_odd import OddSandbox

PROVIDER = ProviderSpec(
    id="fastly",
    settings=FastlySettings,
    source=Fastly,
    details=(FastlyInvoiceDetails, FastlyLineItemDetails),
    sandbox=Sandbox,
    odd_sandbox=OddSandbox,
    capabilities=frozenset({Capability.TOTAL, Capability.PAYMENT, Capability.MONTH_TO_DATE}),
    credit_kinds=frozenset({CreditKind.COUPON}),
    credits_have_terms=False,
    focus=FOCUS,
    checks=CHECKS,
)
