"""Several instances over one Redis: each resource is fetched once, and no failure loses a response."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers import PROVIDERS
from providers.fastly.sandbox import KEY
from providers.sandbox import Fault, Sandbox, serve
from providers.settings import AccountSettings
from server.config.cache import CacheSettings
from server.config.settings import ServerSettings, Settings
from server.http.app import create_app
from tests.harness import sandbox_of
from tests.redis_server import RedisServer, needs_own_redis, needs_redis
from tests.server.command import start_command, write_config

pytestmark = needs_redis
QUERY = "{ invoices(first: 5) { nodes { id lineItems { nodes { id } } } coverage { status code } } }"
# Of the Palette account, instead of 36: 500 requests for 36 invoices each would block the one event loop for long.
UID_COUNT = 4
EXPECTED_CALLS = {
    "fastly": 1,
    "spectrocloud": UID_COUNT,
    "archera": 3,
}  # Fastly: a list. Palette: every uid. Archera: a list and the lines of two invoices


@asynccontextmanager
async def _start_instances(sandbox: Sandbox, redis: str, number: int = 2) -> AsyncIterator[list[httpx.AsyncClient]]:
    async with serve(sandbox) as providers, AsyncExitStack() as stack:
        accounts = [
            PROVIDERS[str(account["provider"])].settings.model_validate(
                {**account, "rate_limit": None, **_limited_uids(account)}
            )
            for account in sandbox.accounts(providers)
        ]
        clients = []
        for _ in range(number):
            cache, server = (
                CacheSettings.model_validate({"url": redis}),
                ServerSettings(max_requests=1_000, deadline=60),
            )
            app = create_app(partial(_yield_accounts, accounts), Settings(server=server, cache=cache))
            await stack.enter_async_context(app.router.lifespan_context(app))
            url = await stack.enter_async_context(serve(app))
            limits = httpx.Limits(max_connections=250)
            client = httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, limits=limits)
            clients.append(await stack.enter_async_context(client))
        yield clients


@asynccontextmanager
async def _yield_accounts(accounts: list[AccountSettings]) -> AsyncIterator[list[AccountSettings]]:
    yield accounts


def _limited_uids(account: Mapping[str, Any]) -> dict[str, Any]:
    return {"invoice_uids": account["invoice_uids"][:UID_COUNT]} if "invoice_uids" in account else {}


async def _query(client: httpx.AsyncClient) -> str:
    response = await client.post("/graphql", json={"query": QUERY})
    assert response.status_code == 200, response.text
    assert "errors" not in response.json(), response.text
    return str(response.json()["data"]["invoices"])


async def test_500_cold_requests_fetch_each_resource_once(redis: RedisServer) -> None:
    sandbox = sandbox_of(*sorted(EXPECTED_CALLS))
    async with _start_instances(sandbox, redis.url) as clients:
        results = await asyncio.gather(*(_query(client) for client in clients for _ in range(250)))

        assert len(set(results)) == 1
        for provider, number in EXPECTED_CALLS.items():
            counts = sandbox.apis[provider].control.counts
            assert (len(counts), set(counts.values())) == (number, {1}), provider


@needs_own_redis
async def test_redis_restart_under_load_fails_no_request(redis: RedisServer) -> None:
    async with _start_instances(sandbox_of(*sorted(EXPECTED_CALLS)), redis.url) as clients:
        expected = await _query(clients[0])
        stop = asyncio.Event()
        load = asyncio.create_task(_load(clients, expected, stop))
        await asyncio.sleep(0.3)
        await redis.stop()
        await asyncio.sleep(0.5)
        assert "own memory" in (await clients[0].get("/readyz")).json()["cache"]
        assert (await clients[0].get("/readyz")).status_code == 200
        await redis.start()
        async with asyncio.timeout(15):
            while (await clients[0].get("/readyz")).json()["cache"] != "shared":  # noqa: ASYNC110 (no event to wait for)
                await asyncio.sleep(0.1)
        stop.set()
        await load


async def _load(clients: list[httpx.AsyncClient], expected: str, stop: asyncio.Event) -> None:
    while not stop.is_set():
        results = await asyncio.gather(*(_query(client) for client in clients for _ in range(5)))
        assert set(results) == {expected}


async def test_killed_instance_does_not_block_another(redis: RedisServer, tmp_path: Path) -> None:
    sandbox = sandbox_of(*sorted(EXPECTED_CALLS))
    control = sandbox.apis["fastly"].control
    control.faults.append(Fault(kind="hang", times=1))
    async with serve(sandbox) as url:
        config_path = write_config(tmp_path, [(f"{url}/fastly", KEY)], f'[cache]\nurl = "{redis.url}"\n')
        start_service = partial(start_command, "serve", "--config", config_path, "--port", "0")
        async with start_service() as killed_service, start_service() as other_service:
            lost_request = asyncio.create_task(killed_service.query("{ invoices { totalCount } }"))
            await control.wait_for_in_flight(in_flight=1)
            waiting_request = asyncio.create_task(other_service.query("{ invoices { totalCount } }"))
            await asyncio.sleep(0.3)
            killed_service.process.kill()

            assert (await waiting_request).json()["data"] == {"invoices": {"totalCount": 36}}
            with pytest.raises(httpx.HTTPError):
                await lost_request
            assert len(control.requests) == 2
