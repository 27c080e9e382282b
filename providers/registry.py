"""What a provider declares about itself for the registry."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from providers.transport.client import ApiClient
from schema.filters import CreditKind

from .checks import DEFAULT_CHECKS, InvoiceCheck
from .focus import DEFAULT_MAPPING, FocusMapping
from .settings import AccountSettings
from .source import InvoiceSource


class Capability(Enum):
    """Data that a provider's invoices may contain.

    A filter on data that a provider never has is answered without a call to it.
    """

    TOTAL = auto()
    PAYMENT = auto()
    PAYMENT_HISTORY = auto()  # every state of a payment, and not only the current one
    PROJECTS = auto()
    MONTH_TO_DATE = auto()  # an invoice of the current month


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """A provider's entry in `PROVIDERS`. The package of each provider exports one as `PROVIDER`.

    Declare a capability or a credit kind if any invoice may have it. Resolvers skip the provider for all others.
    """

    id: str  # as in `provider = "…"` of the configuration, and the first part of every id
    settings: type[AccountSettings]  # the keys of an `[[accounts]]` table of this provider
    source: Callable[[Any, ApiClient], InvoiceSource]  # from an account's settings and its client
    details: tuple[type, ...]  # the provider's own GraphQL types, among them its InvoiceDetails and LineItemDetails
    sandbox: Callable[..., Any]  # creates the provider's fake API
    odd_sandbox: Callable[..., Any] | None = None  # creates a fake API whose invoices do not add up
    capabilities: frozenset[Capability] = frozenset()
    credit_kinds: frozenset[CreditKind] = frozenset()
    line_items_need_call: bool = False  # True: the line items of an invoice, with their credits, need another call
    list_filters_dates: bool = True  # False: the list ignores dates, so that one scan serves every window
    credits_have_terms: bool = True  # False: no credit states its dates, or how much of it is used
    has_list_endpoint: bool = True  # False: only the invoices named in the configuration are available
    checks: tuple[InvoiceCheck, ...] = DEFAULT_CHECKS  # the figures of an invoice that should agree
    focus: FocusMapping = DEFAULT_MAPPING  # how its facts become columns of FOCUS

    @property
    def name(self) -> str:
        """The name for users."""
        return self.settings.provider_name
