"""Tests that pages over all accounts return every invoice once, in order, even if invoices arrive meanwhile."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from itertools import pairwise

import pytest

from providers import PROVIDERS
from tests.harness import Service, create_sandbox, now, running_service

from .fastly import ACCOUNT_ID, SecondSandbox, ThirdSandbox, invoice, invoice_payload, list_fault

LIST = """query($first: Int, $after: String, $last: Int, $before: String, $order: InvoiceOrder! = NEWEST_FIRST) {
  invoices(first: $first, after: $after, last: $last, before: $before, orderBy: $order) {
    edges { cursor } nodes { id period { start } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
ORDERS = ["NEWEST_FIRST", "OLDEST_FIRST"]


@pytest.fixture
async def accounts() -> AsyncIterator[Service]:
    """An account of each provider, and two more at Fastly, one of them with two invoices a month."""
    recent = date(2026, 1, 1)  # first month of the other providers: few calls for each page
    apis = [
        kind.sandbox(now=now, **({} if name == "fastly" else {"first": recent})) for name, kind in PROVIDERS.items()
    ]
    more = [SecondSandbox(2, now, date(2025, 11, 1), per_month=2), ThirdSandbox(3, now, date(2026, 2, 1))]
    async with running_service(create_sandbox(*apis, *more)) as service:
        yield service


async def all_ids(service: Service, order: str = "NEWEST_FIRST") -> list[str]:
    listing = (await service.data(LIST, {"first": 200, "order": order}))["invoices"]
    assert not listing["pageInfo"]["hasNextPage"]
    return [node["id"] for node in listing["nodes"]]


async def walk_pages(
    service: Service, order: str, *, backward: bool = False, between: Callable[[], object] = lambda: None
) -> list[str]:
    """Return the IDs on all pages of 7, in the list's order. Calls `between` after the second page."""
    size, cursor, more, end = (
        ("last", "before", "hasPreviousPage", "startCursor")
        if backward
        else ("first", "after", "hasNextPage", "endCursor")
    )
    variables: dict[str, object] = {size: 7, "order": order}
    pages: list[list[str]] = []
    while True:
        listing = (await service.data(LIST, variables))["invoices"]
        pages.append([node["id"] for node in listing["nodes"]])
        if not listing["pageInfo"][more]:
            break
        assert len(pages[-1]) == 7
        variables[cursor] = listing["pageInfo"][end]
        if len(pages) == 2:
            between()
    return [invoice_id for page in (reversed(pages) if backward else pages) for invoice_id in page]


async def test_the_two_orders_are_exact_reverses(accounts: Service) -> None:
    nodes = (await accounts.data(LIST, {"first": 200}))["invoices"]["nodes"]

    keys = [(node["period"]["start"], node["id"]) for node in nodes]
    assert len(keys) == 36 + 10 * (len(PROVIDERS) - 1) + 24 + 9
    assert all(one > other for one, other in pairwise(keys))
    assert await all_ids(accounts, "OLDEST_FIRST") == [invoice_id for _, invoice_id in reversed(keys)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
async def test_pages_return_every_invoice_once_in_order(accounts: Service, order: str, backward: bool) -> None:
    assert await walk_pages(accounts, order, backward=backward) == await all_ids(accounts, order)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
async def test_arrivals_between_pages_repeat_or_hide_nothing(accounts: Service, order: str, backward: bool) -> None:
    before = await all_ids(accounts, order)
    arrived: list[str] = []

    def arrive() -> None:
        oldest, newest = date(2023, 11, 1), date(2026, 10, 1)  # one on each side of the cursor
        arrived.extend(invoice(accounts.api("fastly").post_invoice(month)) for month in (oldest, newest))

    ids = await walk_pages(accounts, order, backward=backward, between=arrive)

    [unread] = set(arrived) & set(ids)
    assert unread == arrived[0 if (order == "NEWEST_FIRST") is not backward else 1]
    present = await all_ids(accounts, order)
    assert ids == [invoice_id for invoice_id in present if invoice_id in {*before, unread}]


async def test_cursor_separates_invoices_of_one_month(accounts: Service) -> None:
    ids = await all_ids(accounts)
    pair = [invoice_id for invoice_id in ids if invoice_id.startswith("fastly/beside/")][:2]

    both = 'accounts: ["fastly/beside"], periodFrom: "2026-10-01", periodTo: "2026-10-31"'
    page = await accounts.data(
        f"{{ invoices(first: 1, filterBy: {{{both}}}) {{ nodes {{ id }} pageInfo {{ endCursor }} }} }}"
    )
    cursor = page["invoices"]["pageInfo"]["endCursor"]
    rest = await accounts.data(f'{{ invoices(after: "{cursor}", filterBy: {{{both}}}) {{ nodes {{ id }} }} }}')

    assert [node["id"] for node in page["invoices"]["nodes"] + rest["invoices"]["nodes"]] == pair


async def test_page_info_reports_adjacent_elements(service: Service) -> None:
    service.control("fastly").faults.append(
        list_fault(*(invoice_payload(f"INV-{n}", f"2026-0{n}") for n in (5, 4, 3, 2, 1)))
    )
    scope = 'filterBy: { providers: ["fastly"] }'

    async def adjacent(arguments: str) -> tuple[str, bool, bool]:
        page = "nodes { number } pageInfo { hasPreviousPage hasNextPage }"
        result = (await service.data(f"{{ invoices({arguments}, {scope}) {{ {page} }} }}"))["invoices"]
        numbers = "".join(node["number"].removeprefix("INV-") for node in result["nodes"])
        return numbers, result["pageInfo"]["hasPreviousPage"], result["pageInfo"]["hasNextPage"]

    first_five = await service.data(f"{{ invoices(first: 5, {scope}) {{ edges {{ cursor }} }} }}")
    five, four, three, two, one = (f'"{edge["cursor"]}"' for edge in first_five["invoices"]["edges"])

    assert await adjacent("first: 5") == ("54321", False, False)
    assert await adjacent("last: 5") == ("54321", False, False)
    assert await adjacent("first: 2") == ("54", False, True)
    assert await adjacent(f"first: 2, after: {four}") == ("32", True, True)
    assert await adjacent(f"first: 3, after: {four}") == ("321", True, False)
    assert await adjacent(f"first: 9, after: {one}") == ("", True, False)
    assert await adjacent(f"last: 2, before: {two}") == ("43", True, True)
    assert await adjacent(f"last: 3, before: {two}") == ("543", False, True)
    assert await adjacent(f"last: 3, before: {five}") == ("", False, True)
    assert await adjacent(f"before: {three}") == ("54", False, True)
    assert await adjacent(f"first: 1, after: {five}, before: {two}") == ("4", True, True)
    assert await adjacent(f"last: 1, after: {five}, before: {two}") == ("3", True, True)
    assert await adjacent("first: 0") == ("", False, True)
    assert await adjacent("last: 0") == ("", True, False)
    assert await adjacent(f"first: 2, after: {two}, orderBy: OLDEST_FIRST") == ("34", True, True)
    assert await adjacent(f"last: 2, before: {two}, orderBy: OLDEST_FIRST") == ("1", False, True)


async def test_empty_page_has_no_cursors(service: Service) -> None:
    info = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"

    page = (await service.data(f"{{ invoices(filterBy: {{ accounts: [] }}) {{ edges {{ cursor }} {info} }} }}"))[
        "invoices"
    ]

    empty = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert page == {"edges": [], "pageInfo": empty}


async def test_default_page_size_is_20(service: Service) -> None:
    newest = (await service.data("{ invoices { nodes { id } } }"))["invoices"]["nodes"]
    assert len(newest) == 20


async def test_cursor_is_valid_under_any_filter_and_order(service: Service) -> None:
    spring = 'filterBy: { accounts: ["fastly/sandbox-fastly"], periodTo: "2026-04-30" }'
    first = await service.data(f"{{ invoices(first: 1, {spring}) {{ pageInfo {{ endCursor }} }} }}")
    cursor = first["invoices"]["pageInfo"]["endCursor"]

    euros = f'after: "{cursor}", orderBy: OLDEST_FIRST, filterBy: {{ accounts: ["{ACCOUNT_ID}"], currency: ["EUR"] }}'
    page = await service.data(f"{{ invoices(first: 2, {euros}) {{ nodes {{ period {{ start }} }} }} }}")

    assert page["invoices"]["nodes"] == [{"period": {"start": "2026-05-01T00:00:00Z"}}]
