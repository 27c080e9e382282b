"""20,000 accounts: an account costs next to nothing until it is read."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers import PROVIDERS
from providers.fastly.client import Fastly
from providers.fastly.sandbox import KEY, Sandbox
from providers.sandbox import serve
from providers.settings import AccountSettings
from server.accounts import AccountConnections, connect_accounts
from server.config.loading import load
from server.config.settings import ServerSettings, Settings
from server.http.app import create_app
from tests.harness import now

NUMBER = 20_000
LIST = "{ accounts { id name provider { id } health { status } } }"
READ = "query($ids: [ID!]) { invoices(filterBy: { accounts: $ids }) { nodes { id } coverage { status } } }"


def accounts_at(url: str, number: int = NUMBER) -> list[AccountSettings]:
    shared = {"provider": "fastly", "api_key": {"env": "MANY_ACCOUNTS_KEY"}, "base_url": url, "attempts": 1}
    return [PROVIDERS["fastly"].settings.model_validate({**shared, "id": f"a{n}"}) for n in range(number)]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANY_ACCOUNTS_KEY", KEY)


class Many:
    """A running service over many accounts at one provider."""

    def __init__(self, client: httpx.AsyncClient, provider: Sandbox) -> None:
        self._client, self.provider = client, provider

    async def query(self, document: str, variables: dict[str, Any] | None = None) -> Any:
        """Return the payload, with the cost in its extensions."""
        body, headers = {"query": document, "variables": variables}, {"GraphQL-Cost": "report"}
        return (await self._client.post("/graphql", json=body, headers=headers)).json()


@asynccontextmanager
async def service_with(number: int) -> AsyncIterator[Many]:
    provider = Sandbox(now=now)
    async with serve(provider) as url:

        @asynccontextmanager
        async def accounts() -> AsyncIterator[list[AccountSettings]]:
            yield accounts_at(url, number)

        app = create_app(accounts, Settings(server=ServerSettings(deadline=30)))
        async with (
            app.router.lifespan_context(app),
            serve(app) as own_url,
            httpx.AsyncClient(base_url=own_url, timeout=60, trust_env=False) as client,
        ):
            yield Many(client, provider)


async def test_only_accounts_that_are_read_are_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = count_opened_sources(monkeypatch)
    async with service_with(1_000) as service:
        assert len((await service.query(LIST))["data"]["accounts"]) == 1_000
        assert opened == []
        payload = await service.query(READ, {"ids": ["fastly/a7", "fastly/a3", "fastly/a7"]})
        assert [entry["account"] for entry in payload["extensions"]["coverage"]] == ["fastly/a3", "fastly/a7"]
        assert sorted(opened) == ["a3", "a7"]


async def test_a_reload_keeps_the_sources_of_unchanged_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = count_opened_sources(monkeypatch)
    accounts = accounts_at("http://127.0.0.1:9", 3)
    async with connect_accounts(accounts) as connections:
        before = open_sources(connections)
        connections.replace_accounts([accounts[0], accounts[1].model_copy(update={"name": "new"}), accounts[2]])
        after = open_sources(connections)
        assert [one is other for one, other in zip(before, after, strict=True)] == [True, False, True]
        assert opened == ["a0", "a1", "a2", "a1"]


async def test_a_list_of_all_invoices_calls_only_400_accounts() -> None:
    async with service_with(1_000) as service:
        payload = await service.query("{ invoices(first: 1) { nodes { id } coverage { status code } } }")
        coverage = payload["data"]["invoices"]["coverage"]
        assert [(entry["status"], entry["code"]) for entry in coverage].count(("MISSING", "RATE_LIMITED")) == 600
        assert len(service.provider.control.requests) == 400


async def test_lists_of_accounts_cost_their_length() -> None:
    async with service_with(NUMBER) as service:
        cost = await cost_of(service, LIST)
        assert cost == 1 + NUMBER * 6
        assert await cost_of(service, "{ providers { accounts { id } } }") == 1 + 3 * 1 + 3 * 6_667
        refused = await service.query("{ a: accounts { id } b: accounts { id } c: accounts { id } }")
        assert refused["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
        assert "list elements" in refused["errors"][0]["message"]
        refused = await service.query("{ accounts { id invoices(first: 1) { nodes { id } } } }")
        assert "costs more than" in refused["errors"][0]["message"]
        assert service.provider.control.requests == []


PROVIDER = '[{ __typename: "Provider", id: "fastly" }]'
COSTS = {  # 10 for the list, or 1 for each of more than 10 accounts; 1 for `coverage`; 1 for each entry
    "{ invoices(first: 1) { coverage { status } } }": 51 + 50,
    '{ invoices(filterBy: { accounts: ["x", "y"] }) { coverage { status } } }': 11 + 2,
    '{ invoices(filterBy: { accounts: "x" }) { coverage { status } } }': 11 + 1,
    "{ invoices(filterBy: { accounts: null }) { coverage { status } } }": 51 + 50,
    "query($ids: [ID!]) { invoices(filterBy: { accounts: $ids }) { coverage { status } } }": 11 + 3,
    "query($none: [ID!]) { invoices(filterBy: { accounts: $none }) { coverage { status } } }": 51 + 50,
    "query($filter: InvoiceFilter) { invoices(filterBy: $filter) { coverage { status } } }": 11 + 3,
    "query($ids: [ID!]) { monthToDate(accounts: $ids) { coverage { status } } }": 11 + 3,
    '{ account(id: "fastly/a1") { invoices { coverage { status } } } }': 1 + 11 + 1,
    "{ accounts { id } ... on Query { accounts { id } } }": 2 + 100,
    f"{{ _entities(representations: {PROVIDER}) {{ ... on Provider {{ accounts {{ id }} }} }} }}": 1 + 1 + 50,
}


async def test_lists_cost_the_accounts_that_they_hold() -> None:
    async with service_with(50) as service:
        ids = ["x", "y", "z"]
        variables = {"ids": ids, "filter": {"accounts": ids, "projects": None}}
        costs = {query: await cost_of(service, query, variables) for query in COSTS for _ in range(2)}
        assert costs == COSTS


@pytest.mark.exclusive
async def test_20_000_accounts_are_listed_in_under_a_second(tmp_path: Path) -> None:
    file = tmp_path / "invoicegraph.toml"
    table = '[[accounts]]\nid = "a{}"\nprovider = "fastly"\napi_key = {{ env = "MANY_ACCOUNTS_KEY" }}\n'
    file.write_text("".join(map(table.format, range(NUMBER))))

    started = time.process_time()
    settings = load(file)
    async with connect_accounts(settings.accounts):
        assert time.process_time() - started < 4

    async with service_with(NUMBER) as service:
        for _ in range(2):
            started = time.process_time()
            assert len((await service.query(LIST))["data"]["accounts"]) == NUMBER
            assert time.process_time() - started < 1


async def cost_of(service: Many, document: str, variables: dict[str, Any] | None = None) -> int:
    cost: int = (await service.query(document, variables))["extensions"]["cost"]["estimated"]
    return cost


def count_opened_sources(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list to which each Fastly source adds the id of its account when it is opened."""
    opened: list[str] = []
    create = Fastly.__init__

    def recording(self: Fastly, settings: Any, api: Any) -> None:
        opened.append(settings.id)
        create(self, settings, api)

    monkeypatch.setattr(Fastly, "__init__", recording)
    return opened


def open_sources(connections: AccountConnections) -> list[Any]:
    """Return the invoices of each account: the source is opened, and makes no call."""
    return [account.source.invoices for account in connections.registry]
