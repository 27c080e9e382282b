"""Tests for `Invoice.lineItems` at a provider that needs a call for each invoice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from providers.archera.sandbox import ORG, Sandbox
from providers.sandbox import Fault
from tests.harness import Service, create_sandbox, now, running_service

INVOICES = f"/beta/v1/org/{ORG}/invoices"
LINES = "lineItems { totalCount nodes { id cost { amount } } }"
NEWEST = [f"2026/{month}" for month in range(10, 0, -1)] + ["2025/12", "2025/11"]
ACCOUNT = "archera/sandbox-archera"


@pytest.fixture
async def archera() -> AsyncIterator[Service]:
    async with running_service(create_sandbox(Sandbox(now=now))) as service:
        yield service


def line_paths(*months: str) -> list[str]:
    return [f"{INVOICES}/{month}/line-items" for month in months]


@pytest.mark.parametrize("n", [0, 1, 5, 12])
async def test_n_invoices_with_lines_cost_n_plus_1_calls(archera: Service, n: int) -> None:
    result = await archera.data(f"{{ invoices(first: {n}) {{ nodes {{ {LINES} }} }} }}")

    assert [node["lineItems"]["totalCount"] for node in result["invoices"]["nodes"]] == [8] * n
    assert archera.calls("archera")[0] == INVOICES
    assert sorted(archera.calls("archera")[1:]) == sorted(line_paths(*NEWEST[:n]))


async def test_lines_are_fetched_concurrently_up_to_the_limit(archera: Service) -> None:
    control = archera.control("archera")
    control.faults.append(Fault(kind="hang", path="line-items"))

    query = asyncio.create_task(archera.query(f"{{ invoices(first: 12) {{ nodes {{ {LINES} }} }} }}"))
    async with asyncio.timeout(5):
        await control.wait_for_in_flight(8)

    assert sorted(archera.calls("archera")[1:]) == sorted(line_paths(*NEWEST[:8]))
    assert control.max_in_flight == 8
    query.cancel()


async def test_aliased_lines_and_credits_cost_the_same_calls(archera: Service) -> None:
    none = "lineItems(first: 1, filterBy: { products: [] }) { nodes { raw } }"
    aliased = f"a: {LINES} b: {LINES} c: {none} credits {{ id }}"

    result = await archera.data(f"{{ invoices(first: 5) {{ nodes {{ {aliased} }} }} }}")

    assert all(node["a"] == node["b"] and node["c"] == {"nodes": []} for node in result["invoices"]["nodes"])
    assert sorted(archera.calls("archera")) == sorted([INVOICES, *line_paths(*NEWEST[:5])])


async def test_aliased_lists_cost_the_same_calls(archera: Service) -> None:
    page = f"invoices(first: 5) {{ nodes {{ {LINES} }} }}"

    result = await archera.data(f"{{ a: {page} b: {page} c: {page} }}")

    assert result["a"] == result["b"] == result["c"]
    assert Counter(archera.calls("archera")) == Counter([INVOICES, *line_paths(*NEWEST[:5])])


@pytest.mark.parametrize(
    "selection",
    [
        "id period { start } details { reference ... on ArcheraInvoiceDetails { invoiceDate } }",
        "total { amount } paymentStates { word } projects { name } account { reference }",
    ],
)
async def test_fields_of_the_list_cost_no_further_call(archera: Service, selection: str) -> None:
    assert await archera.data(f"{{ invoices(first: 12) {{ totalCount nodes {{ {selection} }} }} }}")
    assert archera.calls("archera") == [INVOICES]


async def test_raw_costs_a_call_and_is_the_same_on_every_path(archera: Service) -> None:
    listed = await archera.data("{ invoices(first: 2) { nodes { id raw again: raw } } }")
    assert sorted(archera.calls("archera")) == sorted([INVOICES, *(f"{INVOICES}/{month}" for month in NEWEST[:2])])

    [first, _] = listed["invoices"]["nodes"]
    by_id = await archera.data(
        f'{{ invoice(id: "{first["id"]}") {{ raw }} node(id: "{first["id"]}") {{ ... on Invoice {{ raw }} }} }}'
    )

    assert by_id["invoice"]["raw"] == by_id["node"]["raw"] == first["raw"] == first["again"]
    assert "by_term" in first["raw"]


async def test_failed_lines_of_one_invoice_leave_the_other_23(archera: Service) -> None:
    archera.control("archera").faults.append(Fault(kind="status", status=500, path="2026/3/line-items"))

    response = await archera.query(f"{{ invoices(first: 24) {{ nodes {{ id {LINES} }} coverage {{ status }} }} }}")

    [error] = response["errors"]
    assert error["path"] == ["invoices", "nodes", 7, "lineItems"]
    assert error["extensions"] == {"code": "UNAVAILABLE", "account": ACCOUNT, "provider": "archera"}
    counts = [node["lineItems"] and node["lineItems"]["totalCount"] for node in response["data"]["invoices"]["nodes"]]
    assert counts == [8] * 7 + [None] + [8] * 16
    assert response["data"]["invoices"]["coverage"] == [{"status": "COMPLETE"}]


async def test_hanging_lines_do_not_delay_other_invoices() -> None:
    """Fields below the lines in other invoices resolve while these lines hang."""
    async with running_service(create_sandbox(Sandbox(now=now)), deadline=1) as service:
        service.control("archera").faults.append(Fault(kind="hang", path="2026/9/line-items"))
        below = "lineItems(first: 1) { nodes { invoice { raw } } }"

        response = await service.query(f"{{ invoices(first: 3) {{ nodes {{ {below} }} }} }}")

        [error] = response["errors"]
        assert (error["path"], error["extensions"]["code"]) == (["invoices", "nodes", 1, "lineItems"], "TIMED_OUT")
        newest, slow, third = (node["lineItems"] for node in response["data"]["invoices"]["nodes"])
        assert slow is None
        assert [lines["nodes"][0]["invoice"]["raw"]["month"] for lines in (newest, third)] == ["10", "8"]


async def test_list_without_date_filter_is_fetched_once(archera: Service) -> None:
    page = "{ nodes { id } pageInfo { endCursor } }"
    cursor = (await archera.data(f"{{ invoices(first: 3) {page} }}"))["invoices"]["pageInfo"]["endCursor"]
    archera.reset_calls(["archera"])

    result = await archera.data(
        f"""{{
          all: invoices(first: 200) {page}
          year: invoices(filterBy: {{ periodFrom: "2025-01-01", periodTo: "2025-12-31" }}) {page}
          next: invoices(first: 3, after: "{cursor}") {page}
        }}"""
    )

    assert [len(listing["nodes"]) for listing in result.values()] == [36, 12, 3]
    assert archera.calls("archera") == [INVOICES]


async def test_line_pages_keep_the_providers_order(archera: Service) -> None:
    invoice = 'invoice(id: "archera/sandbox-archera/invoice/2026-09")'
    page = "totalCount nodes { id } edges { cursor } pageInfo { hasPreviousPage hasNextPage endCursor }"
    document = f"query($after: String) {{ {invoice} {{ lineItems(first: 3, after: $after) {{ {page} }} }} }}"
    everything = await archera.data(f"{{ {invoice} {{ lineItems {{ nodes {{ id details {{ reference }} }} }} }} }}")
    lines = everything["invoice"]["lineItems"]["nodes"]
    line_ids = [line["id"] for line in lines]
    pages: list[list[str]] = []
    after = None
    while after is None or len(pages[-1]) == 3:
        result = (await archera.data(document, {"after": after}))["invoice"]["lineItems"]
        pages.append([node["id"] for node in result["nodes"]])
        assert (result["totalCount"], result["pageInfo"]["hasPreviousPage"]) == (8, after is not None)
        assert result["edges"][-1]["cursor"] == result["pageInfo"]["endCursor"]
        assert result["pageInfo"]["hasNextPage"] is (len(pages) < 3)
        after = result["pageInfo"]["endCursor"]

    assert pages == [line_ids[:3], line_ids[3:6], line_ids[6:]]
    assert [line["details"]["reference"][10:14] for line in lines] == [f"{n:04d}" for n in range(1, 9)]
