"""Estimates of the memory that values take."""

import msgspec

from providers.source import InvoicePage, LineItems
from providers.transport.json_body import estimate_memory
from schema.invoice import Invoice, ReceivedBody

OBJECT_OVERHEAD = 1_000  # bytes that a translated invoice or line item takes besides its payload, estimated
TRANSLATION_FACTOR = 2  # memory of an invoice with all that is translated from it, in multiples of its payload
_encoder = msgspec.json.Encoder()


def estimate_size(value: object) -> int:
    """Return about how many bytes of memory a value takes, with everything that will be translated from it."""
    match value:
        case InvoicePage(body=ReceivedBody() as body, invoices=invoices):
            return OBJECT_OVERHEAD * (1 + len(invoices)) + TRANSLATION_FACTOR * body.memory
        case InvoicePage():
            return OBJECT_OVERHEAD + sum(map(estimate_size, value.invoices))
        case Invoice(body=ReceivedBody() as body):
            return OBJECT_OVERHEAD + TRANSLATION_FACTOR * body.memory
        case Invoice():  # of a source that does not state the body
            return OBJECT_OVERHEAD + TRANSLATION_FACTOR * estimate_memory(_encoder.encode(value.payload))
        case LineItems():
            return OBJECT_OVERHEAD * (1 + len(value.items)) + estimate_memory(value.items.body or b"")
        case _:
            return OBJECT_OVERHEAD
