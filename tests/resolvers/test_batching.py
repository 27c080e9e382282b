"""Tests of what a query costs: exact calls, none repeated, none for what is not selected."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest

from providers.fastly.sandbox import Sandbox
from providers.sandbox import Fault
from tests.harness import Service, now, running, sandbox_of

from .fastly import OWN, Beside, Further, bill, invoice, listed

ONE_PAGE = "/billing/v3/invoices?limit=100"
MONTH_TO_DATE = "/billing/v3/invoices/month-to-date"


@pytest.fixture
async def fastly() -> AsyncIterator[Service]:
    """Three accounts at Fastly, of which the first has 2,000 invoices."""
    many = Sandbox(now=now, first=date(2023, 7, 1), per_month=50)
    async with running(sandbox_of(many, Beside(2, now), Further(3, now))) as service:
        yield service


async def test_a_page_of_20_out_of_2000_invoices_costs_one_call(fastly: Service) -> None:
    page = f'{{ invoices(first: 20, filterBy: {{ accounts: ["{OWN}"] }}) {{ nodes {{ id total {{ amount }} }} }} }}'

    found = await fastly.data(page)

    assert len(found["invoices"]["nodes"]) == 20
    assert fastly.calls("fastly") == [ONE_PAGE]
    assert fastly.calls("beside") == fastly.calls("further") == []


async def test_the_count_of_2000_invoices_is_the_providers_own(fastly: Service) -> None:
    page = f'invoices(first: 20, filterBy: {{ accounts: ["{OWN}"] }})'

    found = await fastly.data(f"{{ {page} {{ totalCount nodes {{ id }} }} }}")

    assert found["invoices"]["totalCount"] == 2_000
    assert fastly.calls("fastly") == [ONE_PAGE]


async def test_a_filtered_count_reads_every_page(fastly: Service) -> None:
    scope = f'{{ accounts: ["{OWN}"], currency: ["USD", "EUR"] }}'

    found = await fastly.data(f"{{ invoices(first: 1, filterBy: {scope}) {{ totalCount }} }}")

    assert found["invoices"]["totalCount"] == 2_000
    assert len(set(fastly.calls("fastly"))) == len(fastly.calls("fastly")) == 20


async def test_the_count_is_of_all_matches_whatever_the_cursor(service: Service) -> None:
    scope = f'accounts: ["{OWN}"]'
    page = f"invoices(first: 30, filterBy: {{ {scope} }}) {{ pageInfo {{ endCursor }} }}"
    cursor = (await service.data(f"{{ {page} }}"))["invoices"]["pageInfo"]["endCursor"]
    after, year = f'first: 2, after: "{cursor}"', 'periodFrom: "2025-01-01", periodTo: "2025-12-31"'

    found = await service.data(
        f"""{{
          all: invoices({after}, filterBy: {{ {scope} }}) {{ totalCount nodes {{ id }} }}
          euro: invoices({after}, filterBy: {{ {scope}, currency: "EUR" }}) {{ totalCount }}
          year: invoices({after}, filterBy: {{ {scope}, {year} }}) {{ totalCount }}
        }}"""
    )

    assert {name: listing["totalCount"] for name, listing in found.items()} == {"all": 36, "euro": 6, "year": 12}
    assert len(found["all"]["nodes"]) == 2


async def test_a_field_aliased_three_times_costs_what_one_costs(fastly: Service) -> None:
    page = "invoices(first: 20) { totalCount nodes { total { amount } lineItems { nodes { cost { amount } } } } }"

    found = await fastly.data(f"{{ a: {page} b: {page} c: {page} }}")

    assert found["a"] == found["b"] == found["c"]
    assert [fastly.calls(api) for api in ("fastly", "beside", "further")] == [[ONE_PAGE]] * 3


async def test_ten_invoices_by_id_cost_ten_calls_and_none_twice(service: Service) -> None:
    page = await service.data(f'{{ account(id: "{OWN}") {{ invoices(first: 10) {{ nodes {{ id }} }} }} }}')
    ids = [node["id"] for node in page["account"]["invoices"]["nodes"]]
    service.forget_calls()

    asked = " ".join(f'a{n}: invoice(id: "{found}") {{ id }}' for n, found in enumerate(ids))
    found = await service.data(
        f'{{ {asked} again: invoice(id: "{ids[0]}") {{ number }} node(id: "{ids[1]}") {{ id }} }}'
    )

    assert [found[f"a{n}"]["id"] for n in range(10)] == ids
    assert sorted(service.calls("fastly")) == sorted(
        f"/billing/v3/invoices/{wanted.rpartition('/')[2]}" for wanted in ids
    )


async def test_at_most_eight_calls_are_under_way_at_an_account(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="delay", seconds=0.05))
    asked = " ".join(f'a{n}: invoice(id: "{invoice(str(n))}") {{ id }}' for n in range(10))

    found = await service.data(f"{{ {asked} }}")

    assert set(found.values()) == {None}
    assert len(service.calls("fastly")) == 10
    assert service.control("fastly").most_in_flight == 8


async def test_every_account_is_asked_at_once(fastly: Service) -> None:
    controls = [fastly.control(api) for api in ("fastly", "beside", "further")]
    for control in controls:
        control.faults.append(Fault(kind="hang", times=1))

    asking = asyncio.create_task(fastly.query("{ invoices(first: 1) { nodes { id } } }"))
    async with asyncio.timeout(5):
        await asyncio.gather(*(control.until(1) for control in controls))

    assert [control.in_flight for control in controls] == [1, 1, 1]
    asking.cancel()


@pytest.mark.parametrize(
    "document",
    [
        "{ providers { id name accounts { id } } }",
        "{ accounts { id name sandbox provider { id name accounts { name } } } }",
        f'{{ account(id: "{OWN}") {{ name }} node(id: "{OWN}") {{ id __typename }} }}',
        "{ invoices(filterBy: { accounts: [] }) { totalCount nodes { id } coverage { status } } }",
        "{ __typename __schema { queryType { name } } }",
    ],
)
async def test_what_is_known_costs_no_call(service: Service, document: str) -> None:
    assert await service.data(document)
    assert service.calls("fastly") == []


@pytest.mark.parametrize(
    ("selection", "calls"),
    [
        ("status", [MONTH_TO_DATE]),
        ("period { end } details { reference } raw", [MONTH_TO_DATE]),
        ("total { amount }", [MONTH_TO_DATE, ONE_PAGE]),
        ("total { currency } lineItems { nodes { cost { amount } } } account { reference }", [MONTH_TO_DATE, ONE_PAGE]),
    ],
)
async def test_the_running_invoice_costs_a_list_only_for_its_currency(
    service: Service, selection: str, calls: list[str]
) -> None:
    found = await service.data(f"{{ monthToDate {{ nodes {{ {selection} }} }} }}")

    assert len(found["monthToDate"]["nodes"]) == 1
    assert service.calls("fastly") == calls


@pytest.mark.parametrize(
    ("scope", "asked"),
    [
        ('accounts: ["fastly/beside"]', ["beside"]),
        ('accounts: ["fastly/beside", "fastly/none"], providers: ["fastly"]', ["beside"]),
        ('accounts: ["fastly/beside"], providers: ["archera"]', []),
        ('providers: ["nobody"]', []),
        ("providers: null", ["beside", "fastly", "further"]),
        ("providers: []", []),
    ],
)
async def test_an_account_that_the_filter_excludes_is_not_called(fastly: Service, scope: str, asked: list[str]) -> None:
    found = await fastly.data(
        f"{{ invoices(filterBy: {{ {scope} }}) {{ totalCount coverage {{ account {{ id }} }} }} }}"
    )

    assert [api for api in ("beside", "fastly", "further") if fastly.calls(api)] == asked
    assert len(found["invoices"]["coverage"]) == len(asked)


async def test_an_account_that_never_answers_keeps_no_other_field_waiting(fastly: Service) -> None:
    slow, quick = fastly.control("beside"), fastly.control("further")
    slow.faults.append(Fault(kind="hang"))
    quick.faults.append(Fault(kind="hang"))
    by_id = f'invoice(id: "{invoice("INV-0", "fastly/further")}") {{ id }}'
    listing = 'invoices(filterBy: { accounts: ["fastly/beside"] }) { totalCount }'

    asking = asyncio.create_task(fastly.data(f"{{ {listing} {by_id} }}"))
    async with asyncio.timeout(5):
        await asyncio.gather(slow.until(1), quick.until(1))

    assert fastly.calls("further") == ["/billing/v3/invoices/INV-0"]
    asking.cancel()


async def test_a_duplicate_account_in_the_filter_counts_once(service: Service) -> None:
    service.control("fastly").faults.append(listed(bill("INV-1")))
    scope = f'accounts: ["{OWN}", "{OWN}"]'

    found = await service.data(f"{{ invoices(filterBy: {{ {scope} }}) {{ totalCount coverage {{ status }} }} }}")

    assert found["invoices"] == {"totalCount": 1, "coverage": [{"status": "COMPLETE"}]}
