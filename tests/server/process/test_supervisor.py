"""Several workers on one port, as clients see them: real processes, killed, reloaded and stopped by signals."""

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
from tests.server.command import ServiceProcess, run_command, start_command
from tests.server.crowd import post_concurrently
from tests.server.load import Load
from tests.server.provider import NO_CACHE, Provider, serve_fastly

from . import test_rate

CONNECTIONS = 24  # the chance that one of two workers gets all of them is 1 in 8 million
FIRST_INVOICE = (
    '{ invoices(first: 1, filterBy: { providers: ["archera", "fastly"] }) { nodes { id } coverage { status code } } }'
)
FOURTH_PROVIDER = Path(__file__).parents[2] / "fourth_provider"
BROKEN_PROVIDER = """
from nimbus_invoices import PROVIDER
from providers.transport import carriers

def fail(*_):
    raise RuntimeError("no carrier")

carriers.open_carrier = fail  # each worker opens one when it starts
"""
palette = test_rate.palette


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with serve_fastly(tmp_path) as running_provider:
        yield running_provider


async def test_hung_worker_is_replaced(provider: Provider) -> None:
    async with start_service(provider.configure(account=NO_CACHE)) as service:
        hung_pid, _ = await wait_for_workers(service, 2)
        os.kill(hung_pid, signal.SIGSTOP)
        hang_event, crash_event = await service.next_log_line(), await service.next_log_line()
        (replacement_pid,) = await wait_for_workers(service, 1)
        exit_code, *_ = await service.stop(signal.SIGTERM)

    assert (hang_event["event"], hang_event["hanging"]) == (
        "A worker does not respond. The supervisor kills it.",
        hung_pid,
    )
    assert (crash_event["died"], crash_event["exit_code"]) == (hung_pid, -signal.SIGKILL)
    assert replacement_pid != hung_pid
    assert exit_code == 0


async def test_killed_worker_is_replaced(provider: Provider) -> None:
    async with start_service(provider.configure(account=NO_CACHE)) as service:
        killed_pid, _ = await wait_for_workers(service, 2)
        connections = [open_connection(service) for _ in range(CONNECTIONS)]
        before = await asyncio.to_thread(health_statuses, connections)
        os.kill(killed_pid, signal.SIGKILL)
        async with Load(service.url) as load:
            await load.wait_for_responses(50)
        crash_event = await service.next_log_line()
        (replacement_pid,) = await wait_for_workers(service, 1)
        after = await asyncio.to_thread(health_statuses, connections)
        outcome = await service.stop(signal.SIGTERM)
        for connection in connections:
            connection.close()

    assert before == [200] * CONNECTIONS
    assert 0 < after.count(200) < CONNECTIONS
    assert load.failures == []
    assert (crash_event["event"], crash_event["died"], crash_event["exit_code"]) == (
        "A worker died. The supervisor replaces it.",
        killed_pid,
        -signal.SIGKILL,
    )
    assert replacement_pid != killed_pid
    assert outcome == (0, "", "")


async def test_no_request_fails_when_all_workers_shut_down(provider: Provider) -> None:
    provider.control.faults.append(Fault(kind="delay", seconds=0.05))
    async with start_service(provider.configure(account=NO_CACHE)) as service, Load(service.url) as load:
        await wait_for_workers(service, 2)
        await load.wait_for_responses(50)
        service.process.send_signal(signal.SIGTERM)
        await load.wait_until_refused()
        outcome = await service.rest()

    assert outcome == (0, "", "")
    assert load.failures == []
    assert load.draining_response_count > 0


async def test_reload_reaches_every_worker(provider: Provider) -> None:
    config_path = provider.configure(account=NO_CACHE)
    content = config_path.read_text()
    async with start_service(config_path) as service, Load(service.url) as load:
        workers = await wait_for_workers(service, 2)
        provider.write("[server]\nprt = 1\n")
        service.process.send_signal(signal.SIGHUP)
        rejection_events = [await service.next_log_line() for _ in range(2)]
        await load.wait_for_responses(50)
        provider.write(content + 'name = "Renamed"\n')
        reload_events = [await service.next_log_line() for _ in range(2)]
        os.kill(workers[0], signal.SIGKILL)
        await service.next_log_line()
        await wait_for_workers(service, 1)
        results = await query_all(service, "{ accounts { name } }")
        outcome = await service.stop(signal.SIGTERM)

    assert [line["event"] for line in rejection_events] == [
        "SIGHUP received. The service reads the configuration again.",
        "The new configuration is invalid. The previous one stays in use. Correct the file.",
    ]
    assert {line["event"] for line in reload_events} == {"The configuration is in use."}
    assert {line["worker"] for line in reload_events} == set(workers)
    assert results == [{"accounts": [{"name": "Renamed"}]}] * CONNECTIONS
    assert outcome == (0, "", "")


async def test_workers_stop_when_the_supervisor_is_killed(provider: Provider) -> None:
    async with start_service(provider.configure("shutdown_grace = 1\n")) as service:
        await wait_for_workers(service, 2)
        service.process.kill()
        code, out, err = await service.rest()  # returns after the workers have closed the pipes too

        with pytest.raises(httpx.ConnectError):
            await service.get("/healthz")

    assert (code, out, err) == (-signal.SIGKILL, "", "")


async def test_service_stops_if_no_worker_can_start(tmp_path: Path) -> None:
    write_package(tmp_path, "broken_nimbus", BROKEN_PROVIDER)
    path = os.pathsep.join([str(tmp_path), str(FOURTH_PROVIDER)])
    code, out, err = await run_command("serve", "--sandbox", "--port", "0", "--workers", "2", PYTHONPATH=path)

    assert (code, out) == (1, "")
    assert err.count('"A worker died. The supervisor replaces it."') == 6
    assert err.splitlines()[-1].startswith('{"event": "No worker ever became ready. The service stops.')


def write_package(folder: Path, name: str, source: str) -> None:
    """Write an installed package with one provider."""
    (folder / f"{name}.py").write_text(source)
    information = folder / f"{name}-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (information / "entry_points.txt").write_text(f"[invoicegraph.providers]\nnimbus = {name}:PROVIDER\n")


async def test_workers_share_one_sandbox() -> None:
    async with start_command("serve", "--sandbox", "--port", "0", INVOICEGRAPH_SERVER__WORKERS="2") as service:
        workers = await wait_for_workers(service, 2)
        results = await query_all(service, FIRST_INVOICE)
        outcome = await service.stop(signal.SIGINT)

    assert len(set(workers)) == 2
    assert results == [results[0]] * CONNECTIONS
    assert [entry["status"] for entry in results[0]["invoices"]["coverage"]] == ["COMPLETE", "COMPLETE"]
    assert outcome == (0, "", "")


async def test_workers_without_redis_share_the_rate_limit(palette: SandboxApi, tmp_path: Path) -> None:
    async with test_rate.start_service(palette, tmp_path, "--workers", "2") as service:
        await wait_for_workers(service, 2)
        responses = await post_concurrently(service.url, [test_rate.LIST] * CONNECTIONS)

    control = palette.control
    assert isinstance(control, test_rate.TimedControl)
    assert {status for status, *_ in responses} == {200}
    assert control.worst_window < 0
    assert len(control.times) > test_rate.BURST


def start_service(config: Path) -> AbstractAsyncContextManager[ServiceProcess]:
    return start_command("serve", "--port", "0", "--workers", "2", "--config", str(config))


async def wait_for_workers(service: ServiceProcess, count: int) -> list[int]:
    """Return the process ids of the next `count` workers that report to be ready."""
    events = [await service.next_log_line() for _ in range(count)]
    assert {line["event"] for line in events} == {"The worker is ready."}, events
    return [int(str(line["worker"])) for line in events]


def open_connection(service: ServiceProcess) -> HTTPConnection:
    address = httpx.URL(service.url)
    return HTTPConnection(address.host, address.port or 0, timeout=20)


def health_statuses(connections: list[HTTPConnection]) -> list[int]:
    """Return the status of `/healthz` on each kept-alive connection, or 0 if the connection is broken."""
    return [_health_status(connection) for connection in connections]


def _health_status(connection: HTTPConnection) -> int:
    connection.auto_open = 0 if connection.sock else 1
    try:
        connection.request("GET", "/healthz")
        with connection.getresponse() as response:
            response.read()
            return response.status
    except (HTTPException, OSError):
        connection.close()
        return 0


async def query_all(service: ServiceProcess, document: str) -> list[dict[str, Any]]:
    """Return the data of one request on each of `CONNECTIONS` new connections, one after the other."""
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=20, limits=limits) as client:
        return [(await client.post("/graphql", json={"query": document})).json()["data"] for _ in range(CONNECTIONS)]
