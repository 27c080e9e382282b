"""Python's gql over each of its transports, set up as in docs/clients.md."""

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
from tests.streams.clients import polling_service, wait_for_polls
from tests.views.callers import FASTLY, key_header, key_of, read, service_with_callers

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
    """The globals of client.py, run beside the schema that it reads."""
    folder = tmp_path_factory.mktemp("python")
    unpack(folder, "Python: gql")
    with contextlib.chdir(folder):
        return runpy.run_path("client.py")


def connect(client: dict[str, Any], transport: str, service: Service, credential: dict[str, str] | None = None) -> Any:
    return client["connect"](client["TRANSPORTS"][transport](f"{service.url}/graphql", credential or {}))


@pytest.mark.parametrize("transport", ["httpx", "aiohttp", "websockets"])
async def test_all_pages_have_exact_amounts(transport: str, service: Service, client: dict[str, Any]) -> None:
    expected = (await service.data(PAGE, {"first": 200}))["invoices"]["nodes"]
    nodes: list[Any] = []
    page: dict[str, Any] = {"endCursor": None, "hasNextPage": True}
    async with connect(client, transport, service) as session:
        while page["hasNextPage"]:
            variables = {"first": 7, "after": page["endCursor"]}
            invoices = (await session.execute(GraphQLRequest(PAGE, variable_values=variables)))["invoices"]
            nodes += invoices["nodes"]
            page = invoices["pageInfo"]

    assert len(nodes) == 108
    assert nodes == [parse_invoice(invoice) for invoice in expected]


def parse_invoice(invoice: Any) -> Any:
    """Return an invoice from JSON with Python's types."""
    total, details = invoice["total"], invoice["details"]
    return {
        **invoice,
        "period": {"start": datetime.fromisoformat(invoice["period"]["start"])},
        "total": total and {"amount": Decimal(total["amount"])},
        "details": {name: date.fromisoformat(day) for name, day in details.items()},
    }


@pytest.mark.parametrize("transport", ["httpx", "aiohttp", "websockets"])
async def test_variables_are_serialized_as_scalars(transport: str, service: Service, client: dict[str, Any]) -> None:
    filter_by = {"periodFrom": date(2026, 6, 1), "totalMin": Decimal("6045.12"), "currency": ["USD"]}
    async with connect(client, transport, service) as session:
        data = await session.execute(GraphQLRequest(PAGE, variable_values={"first": 7, "of": filter_by}))

    assert [invoice["total"]["amount"] for invoice in data["invoices"]["nodes"]] == [
        Decimal("6581.05"),
        Decimal("6183.95"),
        Decimal("6045.12"),
    ]


async def test_error_has_code_and_partial_data(service: Service, client: dict[str, Any]) -> None:
    service.control("fastly").faults.append(Fault(kind="status", status=503))
    async with connect(client, "httpx", service) as session:
        with pytest.raises(TransportQueryError) as raised:
            await session.execute(gql('{ invoice(id: "fastly/sandbox-fastly/invoice/1") { id } providers { id } }'))

    assert raised.value.data == {"invoice": None, "providers": [{"id": name} for name in sorted(PROVIDERS)]}
    assert [error["extensions"]["code"] for error in raised.value.errors or ()] == ["UNAVAILABLE"]


async def test_websocket_receives_a_change(client: dict[str, Any]) -> None:
    async with polling_service() as service, connect(client, "websockets", service) as session:
        changes = session.subscribe(CHANGED)
        event = asyncio.ensure_future(anext(changes))
        await wait_for_polls(service, "fastly", 2)
        new_invoice = service.api("fastly").post_invoice()
        change = (await event)["invoiceChanged"]
        await changes.aclose()

    assert change["kind"] == "NEW"
    assert change["invoice"]["id"] == f"fastly/sandbox-fastly/invoice/{new_invoice}"
    assert isinstance(change["invoice"]["observedAt"], datetime)


@pytest.mark.parametrize("transport", ["httpx", "aiohttp", "websockets"])
async def test_each_transport_sends_a_key(transport: str, client: dict[str, Any]) -> None:
    credentials = key_header("one"), {"Authorization": f"Bearer {key_of('one')}"}
    async with service_with_callers({"one": read(FASTLY)}) as service:
        for credential in credentials:
            async with connect(client, transport, service, credential) as session:
                accounts = (await session.execute(gql("{ accounts { id } }")))["accounts"]
                assert accounts == [{"id": FASTLY}]
