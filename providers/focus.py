"""How a provider's facts become columns of FOCUS. Every provider works with the defaults."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from schema.focus_columns import Column
from schema.invoice import Invoice
from schema.line_item import LineItem

_PLACEHOLDERS = {"", "N/A"}
Grain = Mapping[str, str | None]  # names of FOCUS, or our own with `x_`
Facts = Mapping[Column, Callable[[LineItem], object]]


class Service(NamedTuple):
    """What FOCUS calls the service of a charge. The pair of categories is one of FOCUS 1.2."""

    category: str
    subcategory: str
    name: str


def stated(text: str | None) -> str | None:
    """Return the text. Returns None for a placeholder, such as Fastly's `N/A`: FOCUS wants null for what is absent."""
    return None if text is None or text.strip().upper() in _PLACEHOLDERS else text


def service_name(line: LineItem) -> str | None:
    return stated(line.product_group) or stated(line.product)


def line_grain(line: LineItem) -> Grain:
    """Return what the facts of every provider say about the subject of a line."""
    return {"ServiceName": service_name(line), "RegionId": line.region, "x_Product": line.product}


def other_service(line: LineItem) -> Service:
    return Service("Other", "Other (Other)", service_name(line) or "Unknown")


def _unknown(_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class FocusMapping:
    """The part of a record that depends on the provider. A function returns None for what is not stated."""

    issuer: str | None = None  # the company that issues the invoices; None: the provider's name
    grain: Callable[[LineItem], Grain] = line_grain
    service: Callable[[LineItem], Service] = other_service
    label: Callable[[LineItem], str | None] = _unknown  # describes a line without a description
    created_at: Callable[[Invoice], datetime | None] = _unknown  # of the invoice at the provider
    changed_at: Callable[[Invoice], datetime | None] = _unknown
    facts: Facts = field(default_factory=dict)  # further columns of our own


DEFAULT_MAPPING = FocusMapping()
