"""Fastly: a paged list, get by id, month to date."""

from providers.registry import Fact, ProviderKind
from schema.filters import CreditKind

from .client import Fastly, FastlySettings
from .details import FastlyInvoiceDetails, FastlyLineItemDetails
from .sandbox import Sandbox

PROVIDER = ProviderKind(
    id="fastly",
    name="Fastly",
    settings=FastlySettings,
    source=Fastly,
    details=(FastlyInvoiceDetails, FastlyLineItemDetails),
    sandbox=Sandbox,
    states=frozenset({Fact.TOTAL, Fact.PAYMENT, Fact.RUNNING}),
    credit_kinds=frozenset({CreditKind.COUPON}),
)
