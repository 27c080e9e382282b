"""Several instances over one Redis: asked once, no answer lost with an instance or with the store."""

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
from server.config.settings import ServerSettings
from server.http.app import create_app
from tests.harness import sandbox_of
from tests.redis_server import RedisServer, needs_own_redis, needs_redis
from tests.server.command import configured, started

pytestmark = needs_redis
QUERY = "{ invoices(first: 5) { nodes { id lineItems { nodes { id } } } coverage { status code } } }"
UIDS = 4  # of the Palette account: five hundred requests for thirty-six each would keep this one loop busy for long
CALLS = {"fastly": 1, "spectrocloud": UIDS, "archera": 3}  # a list; every uid; a list and the lines of two invoices


@asynccontextmanager
async def _instances(sandbox: Sandbox, redis: str, number: int = 2) -> AsyncIterator[list[httpx.AsyncClient]]:
    async with serve(sandbox) as providers, AsyncExitStack() as stack:
        accounts = [
            PROVIDERS[str(account["provider"])].settings.model_validate(
                {**account, "rate_limit": None, **_few(account)}
            )
            for account in sandbox.accounts(providers)
        ]
        clients = []
        for _ in range(number):
            cache, server = (
                CacheSettings.model_validate({"url": redis}),
                ServerSettings(max_requests=1_000, deadline=60),
            )
            app = create_app(partial(_given, accounts), server, cache=cache)
            await stack.enter_async_context(app.router.lifespan_context(app))
            url = await stack.enter_async_context(serve(app))
            limits = httpx.Limits(max_connections=250)
            client = httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, limits=limits)
            clients.append(await stack.enter_async_context(client))
        yield clients


@asynccontextmanager
async def _given(accounts: list[AccountSettings]) -> AsyncIterator[list[AccountSettings]]:
    yield accounts


def _few(account: Mapping[str, Any]) -> dict[str, Any]:
    return {"invoice_uids": account["invoice_uids"][:UIDS]} if "invoice_uids" in account else {}


async def _answer(client: httpx.AsyncClient) -> str:
    response = await client.post("/graphql", json={"query": QUERY})
    assert response.status_code == 200, response.text
    assert "errors" not in response.json(), response.text
    return str(response.json()["data"]["invoices"])


async def test_500_requests_at_once_to_two_cold_instances_ask_for_each_resource_once(redis: RedisServer) -> None:
    sandbox = sandbox_of()
    async with _instances(sandbox, redis.url) as clients:
        answers = await asyncio.gather(*(_answer(client) for client in clients for _ in range(250)))

        assert len(set(answers)) == 1
        for provider, number in CALLS.items():
            counts = sandbox.apis[provider].control.counts
            assert (len(counts), set(counts.values())) == (number, {1}), provider


@needs_own_redis
async def test_a_store_that_stops_and_starts_under_load_fails_no_request(redis: RedisServer) -> None:
    async with _instances(sandbox_of(), redis.url) as clients:
        whole = await _answer(clients[0])
        stop = asyncio.Event()
        load = asyncio.create_task(_load(clients, whole, stop))
        await asyncio.sleep(0.3)
        await redis.stop()
        await asyncio.sleep(0.5)
        assert "own memory" in (await clients[0].get("/readyz")).json()["cache"]
        assert (await clients[0].get("/readyz")).status_code == 200
        await redis.start()
        async with asyncio.timeout(15):
            while (await clients[0].get("/readyz")).json()["cache"] != "shared":  # noqa: ASYNC110 (nothing to wait on)
                await asyncio.sleep(0.1)
        stop.set()
        await load


async def _load(clients: list[httpx.AsyncClient], whole: str, stop: asyncio.Event) -> None:
    while not stop.is_set():
        answers = await asyncio.gather(*(_answer(client) for client in clients for _ in range(5)))
        assert set(answers) == {whole}


async def test_an_instance_killed_while_it_fetches_holds_up_nobody_for_long(redis: RedisServer, tmp_path: Path) -> None:
    sandbox = sandbox_of()
    control = sandbox.apis["fastly"].control
    control.faults.append(Fault(kind="hang", times=1))
    async with serve(sandbox) as url:
        file = configured(tmp_path, [(f"{url}/fastly", KEY)], f'[cache]\nurl = "{redis.url}"\n')
        serving = partial(started, "serve", "--config", file, "--port", "0")
        async with serving() as one, serving() as other:
            lost = asyncio.create_task(one.ask("{ invoices { totalCount } }"))
            await control.until(in_flight=1)
            waiting = asyncio.create_task(other.ask("{ invoices { totalCount } }"))
            await asyncio.sleep(0.3)
            one.process.kill()

            assert (await waiting).json()["data"] == {"invoices": {"totalCount": 36}}
            with pytest.raises(httpx.HTTPError):
                await lost
            assert len(control.requests) == 2
