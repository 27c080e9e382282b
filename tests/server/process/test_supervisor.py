"""Several workers on one port, as their clients see them: real processes, killed, told and ended by signals."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.sandbox import Fault, SandboxApi
from tests.server.command import Running, configured, run, started
from tests.server.configuration import KEY
from tests.server.crowd import ask_at_once
from tests.server.load import Load
from tests.server.provider import FORGETFUL, Provider, fastly

from . import test_rate

CONNECTIONS = 24  # so many are all with one of two workers once in eight million times
FEW = '{ invoices(first: 1, filterBy: { providers: ["archera", "fastly"] }) { nodes { id } coverage { status code } } }'
palette = test_rate.palette


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with fastly(tmp_path) as served:
        yield served


async def test_a_killed_worker_breaks_its_own_connections_and_is_replaced(provider: Provider) -> None:
    async with serving(provider.config(account=FORGETFUL)) as service:
        killed, _ = await ready(service, 2)
        connections = [connection(service) for _ in range(CONNECTIONS)]
        before = await asyncio.to_thread(health, connections)
        os.kill(killed, signal.SIGKILL)
        async with Load(service.url) as load:
            await load.answers(50)
        died = await service.line()
        (replacement,) = await ready(service, 1)
        after = await asyncio.to_thread(health, connections)
        ended = await service.end(signal.SIGTERM)
        for kept in connections:
            kept.close()

    assert before == [200] * CONNECTIONS
    assert 0 < after.count(200) < CONNECTIONS
    assert load.failures == []
    assert (died["event"], died["died"], died["exit_code"]) == ("a worker died", killed, -signal.SIGKILL)
    assert replacement != killed
    assert ended == (0, "", "")


async def test_no_request_fails_when_a_signal_ends_all_workers_under_load(provider: Provider) -> None:
    provider.control.faults.append(Fault(kind="delay", seconds=0.05))
    async with serving(provider.config(account=FORGETFUL)) as service, Load(service.url) as load:
        await ready(service, 2)
        await load.answers(50)
        service.process.send_signal(signal.SIGTERM)
        await load.refused()
        ended = await service.rest()

    assert ended == (0, "", "")
    assert load.failures == []
    assert load.answered_when_stopping > 0


async def test_a_file_is_refused_once_or_put_to_use_by_every_worker(provider: Provider) -> None:
    file = provider.config(account=FORGETFUL)
    content = file.read_text()
    async with serving(file) as service, Load(service.url) as load:
        workers = await ready(service, 2)
        provider.write("[server]\nprt = 1\n")
        service.process.send_signal(signal.SIGHUP)
        refused = [await service.line() for _ in range(2)]
        await load.answers(50)
        provider.write(content + 'name = "Renamed"\n')
        used = [await service.line() for _ in range(2)]
        os.kill(workers[0], signal.SIGKILL)
        await service.line()
        await ready(service, 1)
        answers = await asked(service, "{ accounts { name } }")
        ended = await service.end(signal.SIGTERM)

    assert [line["event"] for line in refused] == [
        "SIGHUP: the configuration is read again",
        "the configuration is refused, and the one before it stays",
    ]
    assert {line["event"] for line in used} == {"the configuration is in use"}
    assert {line["worker"] for line in used} == set(workers)
    assert answers == [{"accounts": [{"name": "Renamed"}]}] * CONNECTIONS
    assert ended == (0, "", "")


async def test_workers_end_when_nobody_supervises_them_any_more(provider: Provider) -> None:
    async with serving(provider.config("shutdown_grace = 1\n")) as service:
        await ready(service, 2)
        service.process.kill()
        code, out, said = await service.rest()  # once all that write there are gone

        with pytest.raises(httpx.ConnectError):
            await service.get("/healthz")

    assert (code, out, said) == (-signal.SIGKILL, "", "")


async def test_a_service_of_which_no_worker_can_start_gives_up(tmp_path: Path) -> None:
    config = configured(tmp_path, [("https://127.0.0.1:1", KEY)])
    code, out, said = await run(
        "serve", "--port", "0", "--workers", "2", "--config", config, SSL_CERT_FILE="/not/there"
    )

    assert (code, out) == (1, "")
    assert said.count('"a worker died"') == 6
    assert said.splitlines()[-1].startswith('{"event": "no worker ever became ready: the service gives up"')


async def test_workers_share_one_sandbox_that_ends_with_them() -> None:
    async with started("serve", "--port", "0", INVOICEGRAPH_SERVER__WORKERS="2") as service:
        workers = await ready(service, 2)
        answers = await asked(service, FEW)
        ended = await service.end(signal.SIGINT)

    assert len(set(workers)) == 2
    assert answers == [answers[0]] * CONNECTIONS
    assert [entry["status"] for entry in answers[0]["invoices"]["coverage"]] == ["COMPLETE", "COMPLETE"]
    assert ended == (0, "", "")


async def test_workers_that_share_nothing_keep_the_rate_between_them(palette: SandboxApi, tmp_path: Path) -> None:
    async with test_rate.serving(palette, tmp_path, "--workers", "2") as service:
        await ready(service, 2)
        heard = await ask_at_once(service.url, [test_rate.LIST] * CONNECTIONS)

    control = palette.control
    assert isinstance(control, test_rate.Clocked)
    assert {status for status, *_ in heard} == {200}
    assert control.worst_window < 0
    assert len(control.times) > test_rate.BURST


def serving(config: Path) -> AbstractAsyncContextManager[Running]:
    return started("serve", "--port", "0", "--workers", "2", "--config", str(config))


async def ready(service: Running, many: int) -> list[int]:
    """The workers that say so next."""
    said = [await service.line() for _ in range(many)]
    assert {line["event"] for line in said} == {"a worker is ready"}, said
    return [int(str(line["worker"])) for line in said]


def connection(service: Running) -> HTTPConnection:
    address = httpx.URL(service.url)
    return HTTPConnection(address.host, address.port or 0, timeout=20)


def health(connections: list[HTTPConnection]) -> list[int]:
    """What each is answered on a connection that it has kept; 0 where that is broken."""
    return [_health(kept) for kept in connections]


def _health(kept: HTTPConnection) -> int:
    kept.auto_open = 0 if kept.sock else 1
    try:
        kept.request("GET", "/healthz")
        with kept.getresponse() as response:
            response.read()
            return response.status
    except (HTTPException, OSError):
        kept.close()
        return 0


async def asked(service: Running, query: str) -> list[dict[str, Any]]:
    """What is answered on so many connections, one after the other."""
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=20, limits=limits) as client:
        return [(await client.post("/graphql", json={"query": query})).json()["data"] for _ in range(CONNECTIONS)]
