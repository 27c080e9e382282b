"""The exact provider calls of a query: none is repeated, and none is for a field that is not selected."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest

from providers.fastly.sandbox import Sandbox
from providers.sandbox import Fault
from tests.harness import Service, create_sandbox, now, running_service

from .fastly import ACCOUNT_ID, SecondSandbox, ThirdSandbox, invoice, invoice_payload, list_fault

ONE_PAGE = "/billing/v3/invoices?limit=100"
MONTH_TO_DATE = "/billing/v3/invoices/month-to-date"


@pytest.fixture
async def fastly_service() -> AsyncIterator[Service]:
    """A service with three Fastly accounts. The first one has 2,000 invoices."""
    large_account = Sandbox(now=now, first=date(2023, 7, 1), per_month=50)
    async with running_service(create_sandbox(large_account, SecondSandbox(2, now), ThirdSandbox(3, now))) as service:
        yield service


async def test_a_page_of_20_in_2000_invoices_is_one_call(fastly_service: Service) -> None:
    page = (
        f'{{ invoices(first: 20, filterBy: {{ accounts: ["{ACCOUNT_ID}"] }}) {{ nodes {{ id total {{ amount }} }} }} }}'
    )

    data = await fastly_service.data(page)

    assert len(data["invoices"]["nodes"]) == 20
    assert fastly_service.calls("fastly") == [ONE_PAGE]
    assert fastly_service.calls("beside") == fastly_service.calls("further") == []


async def test_an_unfiltered_count_comes_from_the_provider(fastly_service: Service) -> None:
    page = f'invoices(first: 20, filterBy: {{ accounts: ["{ACCOUNT_ID}"] }})'

    data = await fastly_service.data(f"{{ {page} {{ totalCount nodes {{ id }} }} }}")

    assert data["invoices"]["totalCount"] == 2_000
    assert fastly_service.calls("fastly") == [ONE_PAGE]


async def test_a_filtered_count_reads_every_page(fastly_service: Service) -> None:
    scope = f'{{ accounts: ["{ACCOUNT_ID}"], currency: ["USD", "EUR"] }}'

    data = await fastly_service.data(f"{{ invoices(first: 1, filterBy: {scope}) {{ totalCount }} }}")

    assert data["invoices"]["totalCount"] == 2_000
    assert len(set(fastly_service.calls("fastly"))) == len(fastly_service.calls("fastly")) == 20


async def test_the_count_does_not_depend_on_the_cursor(service: Service) -> None:
    scope = f'accounts: ["{ACCOUNT_ID}"]'
    page = f"invoices(first: 30, filterBy: {{ {scope} }}) {{ pageInfo {{ endCursor }} }}"
    cursor = (await service.data(f"{{ {page} }}"))["invoices"]["pageInfo"]["endCursor"]
    after, year = f'first: 2, after: "{cursor}"', 'periodFrom: "2025-01-01", periodTo: "2025-12-31"'

    data = await service.data(
        f"""{{
          all: invoices({after}, filterBy: {{ {scope} }}) {{ totalCount nodes {{ id }} }}
          euro: invoices({after}, filterBy: {{ {scope}, currency: "EUR" }}) {{ totalCount }}
          year: invoices({after}, filterBy: {{ {scope}, {year} }}) {{ totalCount }}
        }}"""
    )

    assert {name: connection["totalCount"] for name, connection in data.items()} == {"all": 36, "euro": 6, "year": 12}
    assert len(data["all"]["nodes"]) == 2


async def test_aliases_repeat_no_call(fastly_service: Service) -> None:
    page = "invoices(first: 20) { totalCount nodes { total { amount } lineItems { nodes { cost { amount } } } } }"

    data = await fastly_service.data(f"{{ a: {page} b: {page} c: {page} }}")

    assert data["a"] == data["b"] == data["c"]
    assert [fastly_service.calls(api) for api in ("fastly", "beside", "further")] == [[ONE_PAGE]] * 3


async def test_ten_invoices_by_id_are_ten_calls(service: Service) -> None:
    page = await service.data(f'{{ account(id: "{ACCOUNT_ID}") {{ invoices(first: 10) {{ nodes {{ id }} }} }} }}')
    ids = [node["id"] for node in page["account"]["invoices"]["nodes"]]
    service.reset_calls()

    fields = " ".join(f'a{n}: invoice(id: "{invoice_id}") {{ id }}' for n, invoice_id in enumerate(ids))
    data = await service.data(
        f'{{ {fields} again: invoice(id: "{ids[0]}") {{ number }} node(id: "{ids[1]}") {{ id }} }}'
    )

    assert [data[f"a{n}"]["id"] for n in range(10)] == ids
    assert sorted(service.calls("fastly")) == sorted(
        f"/billing/v3/invoices/{invoice_id.rpartition('/')[2]}" for invoice_id in ids
    )


async def test_an_account_has_at_most_eight_calls_in_flight(service: Service) -> None:
    await service.prove_keys()
    service.control("fastly").faults.append(Fault(kind="delay", seconds=0.05))
    fields = " ".join(f'a{n}: invoice(id: "{invoice(str(n))}") {{ id }}' for n in range(10))

    data = await service.data(f"{{ {fields} }}")

    assert set(data.values()) == {None}
    assert len(service.calls("fastly")) == 10
    assert service.control("fastly").max_in_flight == 8


async def test_accounts_are_called_concurrently(fastly_service: Service) -> None:
    controls = [fastly_service.control(api) for api in ("fastly", "beside", "further")]
    for control in controls:
        control.faults.append(Fault(kind="hang", times=1))

    task = asyncio.create_task(fastly_service.query("{ invoices(first: 1) { nodes { id } } }"))
    async with asyncio.timeout(5):
        await asyncio.gather(*(control.wait_for_in_flight(1) for control in controls))

    assert [control.in_flight for control in controls] == [1, 1, 1]
    task.cancel()


@pytest.mark.parametrize(
    "document",
    [
        "{ providers { id name accounts { id } } }",
        "{ accounts { id name sandbox provider { id name accounts { name } } } }",
        f'{{ account(id: "{ACCOUNT_ID}") {{ name }} node(id: "{ACCOUNT_ID}") {{ id __typename }} }}',
        "{ invoices(filterBy: { accounts: [] }) { totalCount nodes { id } coverage { status } } }",
        "{ __typename __schema { queryType { name } } }",
    ],
)
async def test_a_query_without_provider_data_makes_no_call(service: Service, document: str) -> None:
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
async def test_month_to_date_reads_the_list_only_for_currency(
    service: Service, selection: str, calls: list[str]
) -> None:
    data = await service.data(f"{{ monthToDate {{ nodes {{ {selection} }} }} }}")

    assert len(data["monthToDate"]["nodes"]) == 1
    assert service.calls("fastly") == calls


@pytest.mark.parametrize(
    ("scope", "accounts"),
    [
        ('accounts: ["fastly/beside"]', ["beside"]),
        ('accounts: ["fastly/beside", "fastly/none"], providers: ["fastly"]', ["beside"]),
        ('accounts: ["fastly/beside"], providers: ["archera"]', []),
        ('providers: ["unknown"]', []),
        ("providers: null", ["beside", "fastly", "further"]),
        ("providers: []", []),
    ],
)
async def test_an_excluded_account_is_not_called(fastly_service: Service, scope: str, accounts: list[str]) -> None:
    data = await fastly_service.data(
        f"{{ invoices(filterBy: {{ {scope} }}) {{ totalCount coverage {{ account {{ id }} }} }} }}"
    )

    assert [api for api in ("beside", "fastly", "further") if fastly_service.calls(api)] == accounts
    assert len(data["invoices"]["coverage"]) == len(accounts)


async def test_a_hanging_account_delays_no_other_field(fastly_service: Service) -> None:
    hanging, other = fastly_service.control("beside"), fastly_service.control("further")
    hanging.faults.append(Fault(kind="hang"))
    other.faults.append(Fault(kind="hang"))
    by_id = f'invoice(id: "{invoice("INV-0", "fastly/further")}") {{ id }}'
    invoices = 'invoices(filterBy: { accounts: ["fastly/beside"] }) { totalCount }'

    task = asyncio.create_task(fastly_service.data(f"{{ {invoices} {by_id} }}"))
    async with asyncio.timeout(5):
        await asyncio.gather(hanging.wait_for_in_flight(1), other.wait_for_in_flight(1))

    assert fastly_service.calls("further") == ["/billing/v3/invoices/INV-0"]
    task.cancel()


async def test_a_duplicate_account_id_counts_once(service: Service) -> None:
    service.control("fastly").faults.append(list_fault(invoice_payload("INV-1")))
    scope = f'accounts: ["{ACCOUNT_ID}", "{ACCOUNT_ID}"]'

    data = await service.data(f"{{ invoices(filterBy: {{ {scope} }}) {{ totalCount coverage {{ status }} }} }}")

    assert data["invoices"] == {"totalCount": 1, "coverage": [{"status": "COMPLETE"}]}
