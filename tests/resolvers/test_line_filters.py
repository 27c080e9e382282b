"""Tests of what each member of LineItemFilter lets pass."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from providers.fastly.sandbox import Sandbox
from tests.harness import Service, running, sandbox_of

from .fastly import bill, got, invoice, line, listed

LINES = [
    line("Asia Requests", product_name="Full-Site Delivery", region="Asia"),
    line("Europe Requests", product_name="Full-Site Delivery", region="Europe"),
    line("Straße", product_name="Compute", region=""),
    line("Coupon", Decimal("-1.00"), credit_coupon_code="C1", product_name=None, region="Asia"),
    line("Goodwill", Decimal("-0.50"), product_name="Compute", region="asia"),
]


@pytest.fixture
async def lines() -> AsyncIterator[Service]:
    async with running(sandbox_of(Sandbox())) as service:
        service.control("fastly").faults.append(listed(bill("A1", "2026-09", *LINES)))
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
async def test_a_filter_lets_pass_what_matches(lines: Service, arguments: str, expected: str) -> None:
    page = f"lineItems{arguments} {{ totalCount nodes {{ description }} }}"

    [node] = (await lines.data(f"{{ invoices {{ nodes {{ {page} }} }} }}"))["invoices"]["nodes"]

    found = [found["description"].split()[0] for found in node["lineItems"]["nodes"]]
    assert found == expected.split()
    assert node["lineItems"]["totalCount"] == (5 if "first" in arguments else len(found))


async def test_a_cursor_follows_its_line_when_others_move_and_any_filter_may_follow_it(lines: Service) -> None:
    page = "lineItems(first: 2) { pageInfo { endCursor } }"
    [node] = (await lines.data(f"{{ invoices {{ nodes {{ {page} }} }} }}"))["invoices"]["nodes"]
    cursor = node["lineItems"]["pageInfo"]["endCursor"]
    lines.control("fastly").faults[:] = [listed(bill("A1", "2026-09", line("New"), line("Newer"), *LINES))]

    rest = f'lineItems(after: "{cursor}", filterBy: {{ categories: [USAGE, CREDIT] }}) {{ nodes {{ description }} }}'
    [node] = (await lines.data(f"{{ invoices {{ nodes {{ {rest} }} }} }}"))["invoices"]["nodes"]

    assert [found["description"] for found in node["lineItems"]["nodes"]] == ["Straße", "Coupon"]


@pytest.mark.parametrize(("stated", "expected"), [(None, None), ([], {"totalCount": 0, "nodes": []})])
async def test_no_lines_stated_are_not_the_same_as_none(lines: Service, stated: object, expected: object) -> None:
    lines.control("fastly").faults[:] = [listed(bill("A1", transaction_line_items=stated))]

    [node] = (await lines.data("{ invoices { nodes { lineItems { totalCount nodes { id } } } } }"))["invoices"]["nodes"]

    assert node["lineItems"] == expected


async def test_two_lines_that_say_the_same_are_two_in_whatever_order(lines: Service) -> None:
    page = "lineItems { nodes { id description } }"
    turned = bill("A1", "2026-09", line("Other"), line(), line())
    lines.control("fastly").faults[:] = [
        listed(bill("A1", "2026-09", line(), line("Other"), line())),
        got("A1", turned),
    ]

    [node] = (await lines.data(f"{{ invoices {{ nodes {{ {page} }} }} }}"))["invoices"]["nodes"]
    again = await lines.data(f'{{ invoice(id: "{invoice("A1")}") {{ {page} }} }}')

    first, other, second = node["lineItems"]["nodes"]
    assert len({first["id"], other["id"], second["id"]}) == 3
    assert again["invoice"]["lineItems"]["nodes"] == [other, first, second]
    by_id = await lines.data(f'{{ node(id: "{second["id"]}") {{ ... on LineItem {{ description }} }} }}')
    assert by_id["node"] == {"description": "Requests"}
