"""Palette's facts as columns of FOCUS."""

from datetime import datetime
from decimal import Decimal

from providers.focus import FocusMapping, Grain, Service
from schema.focus_columns import number, text
from schema.invoice import Invoice
from schema.line_item import LineItem

from .details import SpectroCloudInvoiceDetails, SpectroCloudLineItemDetails

_SERVICE = Service("Compute", "Containers", "Palette")


def _tier(line: LineItem) -> str | None:
    return line.details.tier if isinstance(line.details, SpectroCloudLineItemDetails) else None


def _used_credits(line: LineItem) -> Decimal | None:
    return line.details.used_credits if isinstance(line.details, SpectroCloudLineItemDetails) else None


def _grain(line: LineItem) -> Grain:
    return {"ServiceName": _SERVICE.name, "x_Product": line.product}


def _label(line: LineItem) -> str | None:
    """Return the product and its price tier."""
    return " ".join(filter(None, (line.product, _tier(line)))) or None


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
        text("x_Tier", "Price tier."): _tier,
        number("x_UsedCredits", "Used credits."): _used_credits,
    },
)
