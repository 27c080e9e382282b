"""Nothing that is known is lost by a restart: the cache is in a file."""

import asyncio
import json
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from pydantic import SecretStr

from providers import PROVIDERS
from providers.sandbox import Fault, Sandbox, serve
from providers.settings import AccountSettings
from server.config.cache import CacheSettings
from server.config.settings import Settings
from server.http.app import create_app
from tests.harness import create_sandbox
from tests.recorded import recorded_payload
from tests.server.command import ServiceProcess
from tests.server.provider import serve_fastly, start_service

START = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
UNWRITABLE = "The cache on disk cannot be written. What is read from now on does not survive a restart."
EXPIRED = {"settled": 0, "invoice": 0, "list": 0, "month_to_date": 0, "absent": 0}
QUERY = """{ invoices(first: 200) {
  nodes { id observedAt stale total { amount } lineItems(first: 3) { nodes { id cost { amount } } } }
  coverage { account { id } status asOf }
} }"""


def content_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def query(client: httpx.AsyncClient, document: str = QUERY) -> Any:
    response = await client.post("/graphql", json={"query": document})
    payload = response.json()
    assert "errors" not in payload, payload
    return payload["data"]


def fail(sandbox: Sandbox, **fault: Any) -> None:
    for api in sandbox.apis.values():
        api.control.faults.append(Fault(**{"kind": "status", "status": 503, **fault}))
        api.control.reset_requests()


def calls(sandbox: Sandbox) -> list[str]:
    return [request.path for api in sandbox.apis.values() for request in api.control.requests]


@pytest.fixture
def sandbox() -> Sandbox:
    return create_sandbox()


@pytest.fixture
async def start(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[START]:
    """Start the service with a file for its cache, over sandboxes that go on when it ends."""

    @asynccontextmanager
    async def accounts(url: str, settings: dict[str, Any]) -> AsyncIterator[list[AccountSettings]]:
        yield [
            PROVIDERS[str(account["provider"])].settings.model_validate(
                {**account, "attempts": 1, "rate_limit": None, **settings}
            )
            for account in sandbox.accounts(url)
        ]

    @asynccontextmanager
    async def start(url: str, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
        cache = CacheSettings(path=tmp_path / "cache.sqlite")
        app = create_app(partial(accounts, url, settings), Settings(cache=cache))
        async with (
            app.router.lifespan_context(app),
            serve(app) as own_url,
            httpx.AsyncClient(base_url=own_url, timeout=30, trust_env=False) as client,
        ):
            yield client

    async with serve(sandbox) as url:
        yield partial(start, url)


@pytest.mark.parametrize("fault", [{}, {"status": 401}, {"kind": "reset"}, {"kind": "garbage"}])
async def test_known_invoices_are_stale_after_a_restart(start: START, sandbox: Sandbox, fault: dict[str, Any]) -> None:
    async with start(freshness=EXPIRED) as client:
        before = (await query(client))["invoices"]
    fail(sandbox, **fault)
    async with start(freshness=EXPIRED) as client:
        after = (await query(client))["invoices"]

    assert len(before["nodes"]) == 3 * 36
    assert after["nodes"] == [{**node, "stale": True} for node in before["nodes"]]
    assert after["coverage"] == [{**entry, "status": "STALE"} for entry in before["coverage"]]


async def test_a_cold_start_makes_no_call(start: START, sandbox: Sandbox) -> None:
    async with start() as client:
        before = await query(client)
    assert calls(sandbox)
    fail(sandbox)
    async with start() as client:
        assert await query(client) == before

    assert calls(sandbox) == []


async def test_settled_invoices_need_no_call(start: START, sandbox: Sandbox) -> None:
    """Palette has no list: each invoice is a call."""
    control = sandbox.apis["spectrocloud"].control
    freshness = {**EXPIRED, "settled": 86_400}
    only = 'filterBy: { paymentStatus: [PAID], providers: ["spectrocloud"] }'
    paid = f"{{ invoices(first: 200, {only}) {{ nodes {{ id }} }} }}"
    keys_called = []
    for _ in range(2):
        async with start(freshness=freshness) as client:
            nodes = (await query(client, paid))["invoices"]["nodes"]
        keys_called.append({request.path.rpartition("/")[2] for request in control.requests})
        control.reset_requests()

    paid_keys = {node["id"].rpartition("/")[2] for node in nodes}
    assert len(paid_keys) == 29
    assert keys_called[0] >= paid_keys
    assert len(keys_called[1]) == 4
    assert keys_called[1].isdisjoint(paid_keys)


async def test_instances_of_one_host_share_the_file(start: START, sandbox: Sandbox) -> None:
    async with start() as one, start() as other:
        before = await query(one)
        fail(sandbox)
        assert await query(other) == before

    assert calls(sandbox) == []


async def test_the_time_of_a_restatement_survives(start: START, sandbox: Sandbox) -> None:
    original = recorded_payload("fastly", "invoices.200")["data"][0]
    changed = {**original, "monthly_transaction_amount": "1.00"}
    document = '{ invoices(filterBy: { providers: ["fastly"] }) { nodes { restatedAt observedAt stale } } }'
    control, nodes = sandbox.apis["fastly"].control, []
    with structlog.testing.capture_logs() as logs:
        for invoice in (original, changed, changed, None):
            body = "" if invoice is None else json.dumps({"data": [invoice], "meta": {"total": 1}})
            control.faults[:] = [Fault(kind="garbage", body=body, path="invoices")]
            async with start(freshness=EXPIRED) as client:
                nodes += (await query(client, document))["invoices"]["nodes"]

    assert [node["stale"] for node in nodes] == [False, False, False, True]
    restated_at = nodes[1]["observedAt"]
    assert [node["restatedAt"] for node in nodes] == [None, restated_at, restated_at, restated_at]
    assert restated_at < nodes[2]["observedAt"] == nodes[3]["observedAt"]
    assert len([log for log in logs if log["event"] == "A posted invoice has changed."]) == 1


async def test_a_new_key_uses_no_entry_of_the_old_one(start: START, sandbox: Sandbox) -> None:
    async with start(freshness=EXPIRED) as client:
        await query(client)
    fail(sandbox)
    async with start(freshness=EXPIRED, api_key=SecretStr("another")) as client:
        assert (await query(client))["invoices"]["nodes"] == []


def forge(path: Path) -> None:
    """Change an amount in each entry, as a program without the API keys could."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT id, value FROM entries").fetchall()
        forged = [(value.replace(b'"amount"', b'"amoUnt"'), id) for id, value in rows]
        assert [value for value, _ in forged] != [value for _, value in rows]
        connection.executemany("UPDATE entries SET value = ? WHERE id = ?", forged)
        connection.commit()


async def test_a_forged_entry_counts_as_absent(start: START, sandbox: Sandbox, tmp_path: Path) -> None:
    fastly = '{ invoices(filterBy: { providers: ["fastly"] }) { nodes { id observedAt } } }'
    async with start() as client:
        await query(client, fastly)
    forge(tmp_path / "cache.sqlite")
    fail(sandbox)
    async with start() as client:
        assert (await query(client, fastly))["invoices"]["nodes"] == []


async def test_the_file_contains_no_credential(start: START, sandbox: Sandbox, tmp_path: Path) -> None:
    async with start() as client:
        await query(client)
        written = content_of(tmp_path)

    assert len(written) > 100_000
    assert not any(api.key.encode() in written for api in sandbox.apis.values())


async def test_a_locked_file_fails_no_request(start: START, tmp_path: Path) -> None:
    async with start() as client:
        await client.get("/readyz")  # creates the file
        with (
            closing(sqlite3.connect(tmp_path / "cache.sqlite")) as connection,
            structlog.testing.capture_logs() as logs,
        ):
            connection.execute("BEGIN IMMEDIATE")
            assert len((await query(client))["invoices"]["nodes"]) == 3 * 36
            status = (await client.get("/readyz")).json()
            connection.rollback()

    assert status == {"status": "ready", "cache": "own memory: the cache on disk does not respond"}
    assert [(log["event"], log["reason"]) for log in logs] == [(UNWRITABLE, "SQLITE_BUSY")]


async def test_readyz_tells_of_the_file(start: START, tmp_path: Path) -> None:
    async with start() as client:
        assert (await client.get("/readyz")).json() == {"status": "ready", "cache": "on disk"}


@pytest.mark.parametrize("workers", [1, 2])
async def test_what_was_answered_survives_a_kill(tmp_path: Path, workers: int) -> None:
    """The service is killed while it answers. A restart answers every invoice that a client has seen."""
    cache = f'workers = {workers}\n[cache]\npath = "{tmp_path}/cache.sqlite"\n'
    freshness = "freshness = { settled = 0, invoice = 0, list = 0, month_to_date = 0, absent = 0 }\nattempts = 1\n"
    answered: dict[str, Any] = {}

    async def ask(service: ServiceProcess, id: str) -> None:
        response = await service.query(f'{{ invoice(id: "{id}") {{ id observedAt raw }} }}')
        answered[id] = response.json()["data"]["invoice"]

    async with serve_fastly(tmp_path) as provider:
        config = provider.configure(cache, freshness)
        async with start_service(config) as service:
            nodes = (await service.query("{ invoices(first: 200) { nodes { id } } }")).json()["data"]["invoices"][
                "nodes"
            ]
            tasks = [asyncio.create_task(ask(service, node["id"])) for node in nodes]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await service.stop(signal.SIGKILL)
            await asyncio.gather(*tasks, return_exceptions=True)
        fail_all = Fault(kind="status", status=503)
        provider.control.faults.append(fail_all)
        async with start_service(config) as service:
            known, answered = answered, {}
            await asyncio.gather(*(ask(service, id) for id in known))

    assert known
    assert answered == known
