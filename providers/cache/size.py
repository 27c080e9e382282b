"""Estimates of the memory that values take."""

import msgspec

from providers.source import InvoicePage, LineItems
from schema.invoice import Invoice

OBJECT_OVERHEAD = 1_000  # bytes that a translated invoice or line item takes besides its payload, estimated
TRANSLATION_FACTOR = 2  # memory of an invoice with all that is translated from it, in multiples of its payload
_encoder = msgspec.json.Encoder()


def estimate_size(value: object) -> int:
    """Return about how many bytes of memory a value takes, with everything that will be translated from it."""
    match value:
        case InvoicePage():
            return OBJECT_OVERHEAD + sum(map(estimate_size, value.invoices))
        case Invoice():
            return OBJECT_OVERHEAD + TRANSLATION_FACTOR * _estimate_json_size(_encoder.encode(value.payload))
        case LineItems():
            return OBJECT_OVERHEAD * (1 + len(value.items)) + _estimate_json_size(value.items.body or b"")
        case _:
            return OBJECT_OVERHEAD


def _estimate_json_size(text: bytes) -> int:
    """Return an estimate, rather too high, of the bytes that decoded JSON takes.

    Each value follows a comma, or opens its list or object.
    """
    return len(text) + 60 * text.count(b",") + 240 * text.count(b"{") + 120 * text.count(b"[")
