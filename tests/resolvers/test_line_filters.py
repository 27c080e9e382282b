"""Tests of LineItemFilter: which line items match."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from providers.fastly.sandbox import Sandbox
from tests.harness import Service, create_sandbox, running_service

from .fastly import invoice, invoice_fault, invoice_payload, line_payload, list_fault

LINES = [
    line_payload("Asia Requests", product_name="Full-Site Delivery", region="Asia"),
    line_payload("Europe Requests", product_name="Full-Site Delivery", region="Europe"),
    line_payload("Straße", product_name="Compute", region=""),
    line_payload("Coupon", Decimal("-1.00"), credit_coupon_code="C1", product_name=None, region="Asia"),
    line_payload("Goodwill", Decimal("-0.50"), product_name="Compute", region="asia"),
]


@pytest.fixture
async def lines() -> AsyncIterator[Service]:
    async with running_service(create_sandbox(Sandbox())) as service:
        service.control("fastly").faults.append(list_fault(invoice_payload("A1", "2026-09", *LINES)))
        yield service


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", "Asia Europe Straße Coupon Goodwill"),
        ("(filterBy: null)", "Asia Europe Straße Coupon Goodwill"),
        ("(filterBy: {})", "Asia Europe Straße Coupon Goodwill"),
        (
            "(filterBy: { categories: null, products: null, regions: null, search: null })",
            "Asia Europe Straße Coupon Goodwill",
        ),
        ("(filterBy: { categories: [] })", ""),
        ("(filterBy: { products: [] })", ""),
        ("(filterBy: { regions: [] })", ""),
        ("(filterBy: { categories: [USAGE] })", "Asia Europe Straße"),
        ("(filterBy: { categories: [CREDIT, ADJUSTMENT] })", "Coupon Goodwill"),
        ("(filterBy: { categories: TAX })", ""),
        ('(filterBy: { products: ["Full-Site Delivery"] })', "Asia Europe"),
        ('(filterBy: { products: ["Compute", "none"] })', "Straße Goodwill"),
        ('(filterBy: { products: ["compute"] })', ""),
        ('(filterBy: { regions: ["Asia"] })', "Asia Coupon"),
        ('(filterBy: { regions: [""] })', ""),
        ('(filterBy: { search: "REQUESTS" })', "Asia Europe"),
        ('(filterBy: { search: "strasse" })', "Straße"),
        ('(filterBy: { search: "compute" })', "Straße Goodwill"),
        ('(filterBy: { search: "" })', "Asia Europe Straße Coupon Goodwill"),
        ('(filterBy: { search: "Asia", regions: ["Asia"], categories: [USAGE] })', "Asia"),
        ("(first: 2, filterBy: { categories: [CREDIT, ADJUSTMENT, USAGE] })", "Asia Europe"),
    ],
)
async def test_filter_returns_matching_lines(lines: Service, arguments: str, expected: str) -> None:
    page = f"lineItems{arguments} {{ totalCount nodes {{ description }} }}"

    [node] = (await lines.data(f"{{ invoices {{ nodes {{ {page} }} }} }}"))["invoices"]["nodes"]

    descriptions = [line["description"].split()[0] for line in node["lineItems"]["nodes"]]
    assert descriptions == expected.split()
    assert node["lineItems"]["totalCount"] == (5 if "first" in arguments else len(descriptions))


async def test_cursor_follows_a_moved_line_under_any_filter(lines: Service) -> None:
    page = "lineItems(first: 2) { pageInfo { endCursor } }"
    [node] = (await lines.data(f"{{ invoices {{ nodes {{ {page} }} }} }}"))["invoices"]["nodes"]
    cursor = node["lineItems"]["pageInfo"]["endCursor"]
    lines.control("fastly").faults[:] = [
        list_fault(invoice_payload("A1", "2026-09", line_payload("New"), line_payload("Newer"), *LINES))
    ]

    rest = f'lineItems(after: "{cursor}", filterBy: {{ categories: [USAGE, CREDIT] }}) {{ nodes {{ description }} }}'
    [node] = (await lines.data(f"{{ invoices {{ nodes {{ {rest} }} }} }}"))["invoices"]["nodes"]

    assert [line["description"] for line in node["lineItems"]["nodes"]] == ["Straße", "Coupon"]


@pytest.mark.parametrize(("line_items", "expected"), [(None, None), ([], {"totalCount": 0, "nodes": []})])
async def test_unstated_lines_differ_from_no_lines(lines: Service, line_items: object, expected: object) -> None:
    lines.control("fastly").faults[:] = [list_fault(invoice_payload("A1", transaction_line_items=line_items))]

    [node] = (await lines.data("{ invoices { nodes { lineItems { totalCount nodes { id } } } } }"))["invoices"]["nodes"]

    assert node["lineItems"] == expected


async def test_identical_lines_are_distinct_in_any_order(lines: Service) -> None:
    page = "lineItems { nodes { id description } }"
    reordered = invoice_payload("A1", "2026-09", line_payload("Other"), line_payload(), line_payload())
    lines.control("fastly").faults[:] = [
        list_fault(invoice_payload("A1", "2026-09", line_payload(), line_payload("Other"), line_payload())),
        invoice_fault("A1", reordered),
    ]

    [node] = (await lines.data(f"{{ invoices {{ nodes {{ {page} }} }} }}"))["invoices"]["nodes"]
    invoice_by_id = await lines.data(f'{{ invoice(id: "{invoice("A1")}") {{ {page} }} }}')

    first, other, second = node["lineItems"]["nodes"]
    assert len({first["id"], other["id"], second["id"]}) == 3
    assert invoice_by_id["invoice"]["lineItems"]["nodes"] == [other, first, second]
    by_id = await lines.data(f'{{ node(id: "{second["id"]}") {{ ... on LineItem {{ description }} }} }}')
    assert by_id["node"] == {"description": "Requests"}
