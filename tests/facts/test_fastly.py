"""Facts of Fastly's invoices."""

from typing import Any

import pytest

from providers.sandbox import Fault
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


@pytest.mark.parametrize(
    ("description", "amount", "words", "category"),
    [
        ("Sales Tax", "57.4", {}, "TAX"),
        ("Line", "57.4", {"product_name": "State taxes"}, "TAX"),
        ("Line", "57.4", {"ProductGroup": "VAT (19 %)", "product_name": None}, "TAX"),
        ("GST_2026", "-5", {}, "TAX"),
        ("Enterprise Support", "2600", {"product_group": "CS: CSE"}, "PURCHASE"),
        ("Gold", "2600", {"product_name": "Gold Support", "product_group": "Unknown"}, "PURCHASE"),
        ("Certificates", "0", {"product_name": "TLS", "product_group": "N/A"}, "PURCHASE"),
        ("Certificates", "60", {"product_group": "TLS"}, "PURCHASE"),
        ("Commitment shortfall", "800", {}, "PURCHASE"),
        ("Syntax Check", "1", {}, "USAGE"),
        ("Supported requests", "1", {"product_group": "CSS: Delivery"}, "USAGE"),
        ("TLS handshakes", "1", {"product_group": "Full Site Delivery"}, "USAGE"),
        ("Enterprise Support", "-10", {"product_group": "CS: CSE"}, "ADJUSTMENT"),
        ("Sales Tax", "-10", {"credit_coupon_code": "FREE"}, "CREDIT"),
    ],
)
async def test_category_comes_from_whole_words(
    service: Service, description: str, amount: str, words: dict[str, Any], category: str
) -> None:
    line = line_payload(description, amount, **words)

    invoice = await first_invoice(service, "lineItems { nodes { category } }", line)

    assert invoice["lineItems"]["nodes"] == [{"category": category}]


async def test_the_sandbox_adds_a_tax_and_a_support_line(service: Service) -> None:
    service.control("fastly").faults += [
        Fault(kind="shape", shape="tax_line", times=1),
        Fault(kind="shape", shape="support_line", times=1),
    ]
    document = "{ invoices(first: 1) { nodes { lineItems(first: 50) { nodes { description category } } } } }"

    lines = [(await service.data(document))["invoices"]["nodes"][0]["lineItems"]["nodes"][-1] for _ in range(2)]

    assert lines == [
        {"description": "Sales Tax", "category": "TAX"},
        {"description": "Enterprise Support", "category": "PURCHASE"},
    ]
