"""Helpers for the tests of Palette's translation: the recorded invoice, and access to its parts."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from providers.account import AccountRef
from providers.spectrocloud.details import SpectroCloudInvoiceDetails
from providers.spectrocloud.translate import SpectroCloudInvoice
from schema.credit import Credit
from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.scalars import CurrencyCode
from schema.values import Money, Quantity
from tests.recorded import recorded_payload

OBSERVED_AT = datetime(2026, 2, 4, tzinfo=UTC)
USD, EUR = CurrencyCode("USD"), CurrencyCode("EUR")
ACCOUNT_REF = AccountRef("spectrocloud", "Spectro Cloud Palette", "palette")
UID = "65bb0c1de4b0a1b2c3d4e5f6"
ACCOUNT_ID = "spectrocloud/palette"


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency=USD)


def quantity(amount: str, unit: str) -> Quantity:
    return Quantity(amount=Decimal(amount), unit=unit)


def invoice_payload() -> Any:
    return recorded_payload("spectrocloud", "invoice.200")


def translate_invoice(payload: Any, account_ref: AccountRef = ACCOUNT_REF) -> Invoice:
    return SpectroCloudInvoice.translate(payload, account_ref, OBSERVED_AT)


def details(invoice: Invoice) -> SpectroCloudInvoiceDetails:
    assert isinstance(invoice.details, SpectroCloudInvoiceDetails)
    return invoice.details


def line_items(invoice: Invoice) -> list[LineItem] | None:
    assert invoice.line_part is not None
    items = invoice.line_part.get(invoice)
    return None if items is None else list(items)


def plan_credits(invoice: Invoice) -> list[Credit] | None:
    assert invoice.credit_part is not None
    return invoice.credit_part.get(invoice)
