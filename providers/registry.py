"""A provider's entry in the registry."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from providers.transport.client import ApiClient
from schema.filters import CreditKind

from .settings import AccountSettings
from .source import InvoiceSource


class Capability(Enum):
    """What an invoice may state; a filter on a fact does not ask providers that never state it."""

    TOTAL = auto()
    PAYMENT = auto()
    PROJECTS = auto()
    MONTH_TO_DATE = auto()  # an invoice of the current month


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """A provider's entry in the registry."""

    id: str
    name: str
    settings: type[AccountSettings]
    source: Callable[[Any, ApiClient], InvoiceSource]
    details: tuple[type, ...]  # its own GraphQL types
    sandbox: Callable[..., Any]
    capabilities: frozenset[Capability]
    credit_kinds: frozenset[CreditKind]
    line_items_need_call: bool = False  # True: an invoice's lines, and the credits that they bear, are another call
    list_filters_dates: bool = True  # False: its list takes no dates, so that one reading serves every window
    has_list_endpoint: bool = True  # False: only the invoices that the configuration names are known
