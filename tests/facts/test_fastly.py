"""Facts of Fastly's invoices."""

from typing import Any

import pytest

from tests.harness import Service
from tests.resolvers.fastly import invoice_payload, line_payload, list_fault

pytestmark = pytest.mark.accounts_of("fastly")


async def first_invoice(service: Service, selection: str, *lines: dict[str, Any], **fields: object) -> Any:
    """Return the selected fields of the only invoice, which has these lines."""
    service.control("fastly").faults.append(list_fault(invoice_payload("INV-1", "2026-09", *lines, **fields)))
    data = await service.data(f"{{ invoices(first: 1) {{ nodes {{ {selection} }} }} }}")
    return data["invoices"]["nodes"][0]


async def test_the_usage_type_is_no_unit(service: Service) -> None:
    line = line_payload("Asia Requests", 292.03, units="146017.0369", usage_type="Requests")
    fields = "quantity { amount unit } details { ... on FastlyLineItemDetails { usageType } }"

    invoice = await first_invoice(service, f"lineItems {{ nodes {{ {fields} }} }}", line)

    assert invoice["lineItems"]["nodes"] == [
        {"quantity": {"amount": "146017.0369", "unit": None}, "details": {"usageType": "Requests"}}
    ]
