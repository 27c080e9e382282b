"""The end of the service, as its clients see it: the real process, ended by a signal while it is asked."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from providers.sandbox import Fault
from server.http.app import create_app
from server.process.server import GracefulServer
from tests.server.command import Running
from tests.server.load import LIST, Load
from tests.server.provider import FORGETFUL, Provider, fastly, serving


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with fastly(tmp_path) as served:
        yield served


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_no_request_fails_when_a_signal_ends_the_service_under_load(
    number: signal.Signals, provider: Provider
) -> None:
    provider.control.faults.append(Fault(kind="delay", seconds=0.05))
    async with serving(provider.config(account=FORGETFUL)) as service, Load(service.url) as load:
        await load.answers(50)
        service.process.send_signal(number)
        await load.refused()
        ended = await service.rest()

    assert ended == (0, "", "")
    assert load.failures == []
    assert load.answered_when_stopping > 0


async def test_a_service_that_stops_is_not_ready_at_once_and_answers_while_it_listens(provider: Provider) -> None:
    provider.control.faults.append(Fault(kind="delay", seconds=1, times=1))
    async with serving(provider.config()) as service:
        asking = asyncio.create_task(service.ask(LIST))
        await provider.control.until(in_flight=1)
        service.process.send_signal(signal.SIGTERM)
        await unready(service)
        health, readiness, late = [await service.get("/healthz"), await service.get("/readyz"), await service.ask(LIST)]
        answer = await asking
        ended = await service.rest()

    assert health.status_code == 200
    assert (readiness.status_code, readiness.json()) == (503, {"status": "stopping"})
    assert [response.headers["connection"] for response in (health, readiness, late, answer)] == ["close"] * 4
    assert late.json() == answer.json()
    assert answer.json()["data"]["invoices"]["coverage"] == [
        {"account": {"id": "fastly/cdn1"}, "status": "COMPLETE", "code": None}
    ]
    assert ended == (0, "", "")


async def unready(service: Running) -> None:
    """Returns when the process has had its signal."""
    while (await service.get("/readyz")).status_code == 200:
        pass


async def test_what_is_not_done_within_the_grace_is_cut_with_a_coded_answer(provider: Provider) -> None:
    provider.control.faults.append(Fault(kind="hang"))
    async with serving(provider.config("shutdown_grace = 0.5\n")) as service:
        asking = asyncio.create_task(service.ask(LIST))
        await provider.control.until(in_flight=1)
        ended = await service.end(signal.SIGTERM)
        answer = await asking

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["errors"] == [
        {
            "message": "The service stopped before the response was ready. Send the request again.",
            "extensions": {"code": "UNAVAILABLE"},
        }
    ]
    assert ended == (0, "", "")


async def test_a_connection_that_nothing_is_asked_on_is_closed_without_a_word(provider: Provider) -> None:
    async with serving(provider.config()) as service:
        address = httpx.URL(service.url)
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(len(b'{"status":"ok"}'))
        ended = await service.end(signal.SIGTERM)
        rest = await reader.read()
        writer.close()

    assert (head.split(b"\r\n")[0], body, rest) == (b"HTTP/1.1 200 OK", b'{"status":"ok"}', b"")
    assert ended == (0, "", "")


async def test_connections_that_the_loop_has_not_heard_of_are_taken_before_the_listener_closes() -> None:
    application = create_app()
    server = await listening(application, listener := socket.create_server(("127.0.0.1", 0)))
    with socket.create_connection(listener.getsockname()) as client:  # no await: the loop has no chance to hear of it
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        await server._stop_listening([listener])
        client.setblocking(False)
        answer = await asyncio.get_running_loop().sock_recv(client, 1000)
    await uvicorn.Server.shutdown(server)

    assert answer.startswith(b"HTTP/1.1 200 OK")


async def listening(application: Starlette, listener: socket.socket) -> GracefulServer:
    config = uvicorn.Config(application, log_config=None, lifespan="off")
    config.load()
    server = GracefulServer(config, application)
    server.lifespan = config.lifespan_class(config)
    await server.startup([listener])
    return server
