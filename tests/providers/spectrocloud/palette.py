"""What the tests of Palette's translation share: the recorded invoice, and short ways to its parts."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from providers.account import AccountRef
from providers.spectrocloud import translate
from providers.spectrocloud.details import SpectroCloudInvoiceDetails
from schema.credit import Credit
from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.scalars import CurrencyCode
from schema.values import Money, Quantity
from tests.recorded import recorded

SEEN = datetime(2026, 2, 4, tzinfo=UTC)
USD, EUR = CurrencyCode("USD"), CurrencyCode("EUR")
OWNER = AccountRef("spectrocloud", "Spectro Cloud Palette", "palette")
UID = "65bb0c1de4b0a1b2c3d4e5f6"
BASE = "spectrocloud/palette"


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency=USD)


def of(amount: str, unit: str) -> Quantity:
    return Quantity(amount=Decimal(amount), unit=unit)


def bill() -> Any:
    return recorded("spectrocloud", "invoice.200")


def translated(wire: Any, owner: AccountRef = OWNER) -> Invoice:
    return translate.invoice(wire, owner, SEEN)


def details(invoice: Invoice) -> SpectroCloudInvoiceDetails:
    assert isinstance(invoice.details, SpectroCloudInvoiceDetails)
    return invoice.details


def lines(invoice: Invoice) -> list[LineItem] | None:
    assert invoice.line_part is not None
    found = invoice.line_part.get(invoice)
    return None if found is None else list(found)


def grants(invoice: Invoice) -> list[Credit] | None:
    assert invoice.credit_part is not None
    return invoice.credit_part.get(invoice)
