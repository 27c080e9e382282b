"""Palette's facts as columns of FOCUS."""

from datetime import datetime
from typing import Any

from providers.focus import FocusMapping, Grain, Service
from schema.focus_columns import number, text
from schema.invoice import Invoice
from schema.line_item import LineItem

from .details import SpectroCloudInvoiceDetails

_SERVICE = Service("Compute", "Containers", "Palette")


def _details(line: LineItem) -> Any:
    return line.details


def _grain(line: LineItem) -> Grain:
    return {"ServiceName": _SERVICE.name, "x_Product": line.product}


def _label(line: LineItem) -> str | None:
    """Return the product and its price tier."""
    return " ".join(filter(None, (line.product, _details(line).tier))) or None


def _created_at(invoice: Invoice) -> datetime | None:
    return invoice.details.created_at if isinstance(invoice.details, SpectroCloudInvoiceDetails) else None


def _changed_at(invoice: Invoice) -> datetime | None:
    return invoice.details.changed_at if isinstance(invoice.details, SpectroCloudInvoiceDetails) else None


FOCUS = FocusMapping(
    issuer="Spectro Cloud",
    grain=_grain,
    service=lambda _: _SERVICE,
    label=_label,
    created_at=_created_at,
    changed_at=_changed_at,
    facts={
        text("x_Tier", "Price tier."): lambda line: _details(line).tier,
        number("x_UsedCredits", "Used credits."): lambda line: _details(line).used_credits,
    },
)
