"""Tests of the edge from invoices to their lines, where each invoice costs a call."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from providers.archera.sandbox import ORG, Sandbox
from providers.sandbox import Fault
from tests.harness import Service, now, running, sandbox_of

INVOICES = f"/beta/v1/org/{ORG}/invoices"
LINES = "lineItems { totalCount nodes { id cost { amount } } }"
NEWEST = [f"2026/{month}" for month in range(10, 0, -1)] + ["2025/12", "2025/11"]
ACCOUNT = "archera/sandbox-archera"


@pytest.fixture
async def archera() -> AsyncIterator[Service]:
    async with running(sandbox_of(Sandbox(now=now))) as service:
        yield service


def of(*months: str) -> list[str]:
    return [f"{INVOICES}/{month}/line-items" for month in months]


@pytest.mark.parametrize("n", [0, 1, 5, 12])
async def test_a_page_of_n_invoices_with_lines_costs_one_list_and_n_calls(archera: Service, n: int) -> None:
    found = await archera.data(f"{{ invoices(first: {n}) {{ nodes {{ {LINES} }} }} }}")

    assert [node["lineItems"]["totalCount"] for node in found["invoices"]["nodes"]] == [8] * n
    assert archera.calls("archera")[0] == INVOICES
    assert sorted(archera.calls("archera")[1:]) == sorted(of(*NEWEST[:n]))


async def test_all_lines_are_asked_for_at_once_up_to_the_bound(archera: Service) -> None:
    control = archera.control("archera")
    control.faults.append(Fault(kind="hang", path="line-items"))

    asking = asyncio.create_task(archera.query(f"{{ invoices(first: 12) {{ nodes {{ {LINES} }} }} }}"))
    async with asyncio.timeout(5):
        await control.until(8)

    assert sorted(archera.calls("archera")[1:]) == sorted(of(*NEWEST[:8]))
    assert control.most_in_flight == 8
    asking.cancel()


async def test_lines_aliased_three_times_and_the_credits_that_they_bear_cost_the_same_calls(archera: Service) -> None:
    none = "lineItems(first: 1, filterBy: { products: [] }) { nodes { raw } }"
    aliased = f"a: {LINES} b: {LINES} c: {none} credits {{ id }}"

    found = await archera.data(f"{{ invoices(first: 5) {{ nodes {{ {aliased} }} }} }}")

    assert all(node["a"] == node["b"] and node["c"] == {"nodes": []} for node in found["invoices"]["nodes"])
    assert sorted(archera.calls("archera")) == sorted([INVOICES, *of(*NEWEST[:5])])


async def test_the_list_aliased_three_times_with_lines_costs_the_same_calls(archera: Service) -> None:
    page = f"invoices(first: 5) {{ nodes {{ {LINES} }} }}"

    found = await archera.data(f"{{ a: {page} b: {page} c: {page} }}")

    assert found["a"] == found["b"] == found["c"]
    assert Counter(archera.calls("archera")) == Counter([INVOICES, *of(*NEWEST[:5])])


@pytest.mark.parametrize(
    "selection",
    [
        "id period { start } details { reference ... on ArcheraInvoiceDetails { invoiceDate } }",
        "total { amount } paymentStates { word } projects { name } account { reference }",
    ],
)
async def test_what_the_list_says_costs_no_further_call(archera: Service, selection: str) -> None:
    assert await archera.data(f"{{ invoices(first: 12) {{ totalCount nodes {{ {selection} }} }} }}")
    assert archera.calls("archera") == [INVOICES]


async def test_the_whole_object_costs_a_call_each_and_is_the_same_on_every_way(archera: Service) -> None:
    listed = await archera.data("{ invoices(first: 2) { nodes { id raw again: raw } } }")
    assert sorted(archera.calls("archera")) == sorted([INVOICES, *(f"{INVOICES}/{month}" for month in NEWEST[:2])])

    [first, _] = listed["invoices"]["nodes"]
    got = await archera.data(
        f'{{ invoice(id: "{first["id"]}") {{ raw }} node(id: "{first["id"]}") {{ ... on Invoice {{ raw }} }} }}'
    )

    assert got["invoice"]["raw"] == got["node"]["raw"] == first["raw"] == first["again"]
    assert "by_term" in first["raw"]


async def test_one_invoice_whose_lines_fail_leaves_the_other_23(archera: Service) -> None:
    archera.control("archera").faults.append(Fault(kind="status", status=500, path="2026/3/line-items"))

    answer = await archera.query(f"{{ invoices(first: 24) {{ nodes {{ id {LINES} }} coverage {{ status }} }} }}")

    [error] = answer["errors"]
    assert error["path"] == ["invoices", "nodes", 7, "lineItems"]
    assert error["extensions"] == {"code": "UNAVAILABLE", "account": ACCOUNT, "provider": "archera"}
    counts = [node["lineItems"] and node["lineItems"]["totalCount"] for node in answer["data"]["invoices"]["nodes"]]
    assert counts == [8] * 7 + [None] + [8] * 16
    assert answer["data"]["invoices"]["coverage"] == [{"status": "COMPLETE"}]


async def test_one_invoice_whose_lines_never_come_keeps_nothing_else_waiting() -> None:
    """What stands below the other invoices' lines is asked for, and answered, while these hang."""
    async with running(sandbox_of(Sandbox(now=now)), deadline=1) as service:
        service.control("archera").faults.append(Fault(kind="hang", path="2026/9/line-items"))
        below = "lineItems(first: 1) { nodes { invoice { raw } } }"

        answer = await service.query(f"{{ invoices(first: 3) {{ nodes {{ {below} }} }} }}")

        [error] = answer["errors"]
        assert (error["path"], error["extensions"]["code"]) == (["invoices", "nodes", 1, "lineItems"], "TIMED_OUT")
        newest, slow, third = (node["lineItems"] for node in answer["data"]["invoices"]["nodes"])
        assert slow is None
        assert [lines["nodes"][0]["invoice"]["raw"]["month"] for lines in (newest, third)] == ["10", "8"]


async def test_a_list_that_takes_no_dates_is_asked_for_once_for_every_period(archera: Service) -> None:
    page = "{ nodes { id } pageInfo { endCursor } }"
    cursor = (await archera.data(f"{{ invoices(first: 3) {page} }}"))["invoices"]["pageInfo"]["endCursor"]
    archera.forget_calls(["archera"])

    found = await archera.data(
        f"""{{
          all: invoices(first: 200) {page}
          year: invoices(filterBy: {{ periodFrom: "2025-01-01", periodTo: "2025-12-31" }}) {page}
          next: invoices(first: 3, after: "{cursor}") {page}
        }}"""
    )

    assert [len(listing["nodes"]) for listing in found.values()] == [36, 12, 3]
    assert archera.calls("archera") == [INVOICES]


async def test_pages_of_lines_give_each_once_in_the_providers_order(archera: Service) -> None:
    invoice = 'invoice(id: "archera/sandbox-archera/invoice/2026-09")'
    page = "totalCount nodes { id } edges { cursor } pageInfo { hasPreviousPage hasNextPage endCursor }"
    document = f"query($after: String) {{ {invoice} {{ lineItems(first: 3, after: $after) {{ {page} }} }} }}"
    whole = await archera.data(f"{{ {invoice} {{ lineItems {{ nodes {{ id details {{ reference }} }} }} }} }}")
    lines = whole["invoice"]["lineItems"]["nodes"]
    expected = [line["id"] for line in lines]
    pages: list[list[str]] = []
    after = None
    while after is None or len(pages[-1]) == 3:
        found = (await archera.data(document, {"after": after}))["invoice"]["lineItems"]
        pages.append([node["id"] for node in found["nodes"]])
        assert (found["totalCount"], found["pageInfo"]["hasPreviousPage"]) == (8, after is not None)
        assert found["edges"][-1]["cursor"] == found["pageInfo"]["endCursor"]
        assert found["pageInfo"]["hasNextPage"] is (len(pages) < 3)
        after = found["pageInfo"]["endCursor"]

    assert pages == [expected[:3], expected[3:6], expected[6:]]
    assert [line["details"]["reference"][10:14] for line in lines] == [f"{n:04d}" for n in range(1, 9)]
