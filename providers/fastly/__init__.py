"""The provider Fastly: a paged list, invoices by id, and the month to date."""

from providers.registry import Capability, ProviderSpec
from schema.filters import CreditKind

from .client import Fastly, FastlySettings
from .details import FastlyInvoiceDetails, FastlyLineItemDetails
from .focus import FOCUS
from .sandbox import Sandbox

PROVIDER = ProviderSpec(
    id="fastly",
    settings=FastlySettings,
    source=Fastly,
    details=(FastlyInvoiceDetails, FastlyLineItemDetails),
    sandbox=Sandbox,
    capabilities=frozenset({Capability.TOTAL, Capability.PAYMENT, Capability.MONTH_TO_DATE}),
    credit_kinds=frozenset({CreditKind.COUPON}),
    focus=FOCUS,
)
