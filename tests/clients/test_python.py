"""Python's gql over each of its transports, set up as docs/clients.md says."""

import asyncio
import contextlib
import runpy
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from gql import GraphQLRequest, gql
from gql.transport.exceptions import TransportQueryError

from providers import PROVIDERS
from providers.sandbox import Fault
from tests.harness import Service
from tests.streams.clients import looked_at, watching

from .documented import unpack

PAGE = """
query ($first: Int!, $after: String, $of: InvoiceFilter) {
  invoices(first: $first, after: $after, filterBy: $of) {
    nodes { id period { start } total { amount } details { ... on ArcheraInvoiceDetails { invoiceDate } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
CHANGED = gql("subscription { invoiceChanged { kind invoice { id observedAt } } }")


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What client.py defines, run beside the schema that it reads."""
    folder = tmp_path_factory.mktemp("python")
    unpack(folder, "Python: gql")
    with contextlib.chdir(folder):
        return runpy.run_path("client.py")


def over(client: dict[str, Any], transport: str, service: Service) -> Any:
    return client["connect"](client["TRANSPORTS"][transport](f"{service.url}/graphql"))


@pytest.mark.parametrize("transport", ["httpx", "aiohttp", "websockets"])
async def test_all_pages_are_read_with_exact_amounts(transport: str, service: Service, client: dict[str, Any]) -> None:
    told = (await service.data(PAGE, {"first": 200}))["invoices"]["nodes"]
    read: list[Any] = []
    page: dict[str, Any] = {"endCursor": None, "hasNextPage": True}
    async with over(client, transport, service) as session:
        while page["hasNextPage"]:
            variables = {"first": 7, "after": page["endCursor"]}
            answer = (await session.execute(GraphQLRequest(PAGE, variable_values=variables)))["invoices"]
            read += answer["nodes"]
            page = answer["pageInfo"]

    assert len(read) == 108
    assert read == [parsed(invoice) for invoice in told]


def parsed(invoice: Any) -> Any:
    """An invoice of JSON as Python has it."""
    total, details = invoice["total"], invoice["details"]
    return {
        **invoice,
        "period": {"start": datetime.fromisoformat(invoice["period"]["start"])},
        "total": total and {"amount": Decimal(total["amount"])},
        "details": {name: date.fromisoformat(day) for name, day in details.items()},
    }


@pytest.mark.parametrize("transport", ["httpx", "aiohttp", "websockets"])
async def test_variables_are_written_as_scalars(transport: str, service: Service, client: dict[str, Any]) -> None:
    of = {"periodFrom": date(2026, 6, 1), "totalMin": Decimal("6045.12"), "currency": ["USD"]}
    async with over(client, transport, service) as session:
        answer = await session.execute(GraphQLRequest(PAGE, variable_values={"first": 7, "of": of}))

    assert [invoice["total"]["amount"] for invoice in answer["invoices"]["nodes"]] == [
        Decimal("6581.05"),
        Decimal("6183.95"),
        Decimal("6045.12"),
    ]


async def test_an_error_has_its_code_and_the_data_beside_it(service: Service, client: dict[str, Any]) -> None:
    service.control("fastly").faults.append(Fault(kind="status", status=503))
    async with over(client, "httpx", service) as session:
        with pytest.raises(TransportQueryError) as raised:
            await session.execute(gql('{ invoice(id: "fastly/sandbox-fastly/invoice/1") { id } providers { id } }'))

    assert raised.value.data == {"invoice": None, "providers": [{"id": name} for name in sorted(PROVIDERS)]}
    assert [error["extensions"]["code"] for error in raised.value.errors or ()] == ["UNAVAILABLE"]


async def test_a_change_is_heard_of_over_a_websocket(client: dict[str, Any]) -> None:
    async with watching() as service, over(client, "websockets", service) as session:
        changes = session.subscribe(CHANGED)
        heard = asyncio.ensure_future(anext(changes))
        await looked_at(service, "fastly", 2)
        posted = service.api("fastly").post_invoice()
        change = (await heard)["invoiceChanged"]
        await changes.aclose()

    assert change["kind"] == "NEW"
    assert change["invoice"]["id"] == f"fastly/sandbox-fastly/invoice/{posted}"
    assert isinstance(change["invoice"]["observedAt"], datetime)
