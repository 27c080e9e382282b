"""Graceful shutdown as clients see it: the real process, stopped by a signal under load."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from providers.sandbox import Fault
from server.accounts import serve_sandbox_accounts
from server.http.app import create_app
from server.http.state import Application
from server.process.server import GracefulServer
from tests.server.command import ServiceProcess
from tests.server.load import LIST, Load
from tests.server.provider import NO_CACHE, Provider, serve_fastly, start_service


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with serve_fastly(tmp_path) as running_provider:
        yield running_provider


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
async def test_no_request_fails_during_shutdown(signal_number: signal.Signals, provider: Provider) -> None:
    provider.control.faults.append(Fault(kind="delay", seconds=0.05))
    async with start_service(provider.configure(account=NO_CACHE)) as service, Load(service.url) as load:
        await load.wait_for_responses(50)
        service.process.send_signal(signal_number)
        await load.wait_until_refused()
        outcome = await service.rest()

    assert outcome == (0, "", "")
    assert load.failures == []
    assert load.draining_response_count > 0


async def test_draining_service_is_unready_but_still_responds(provider: Provider) -> None:
    provider.control.faults.append(Fault(kind="delay", seconds=1, times=1))
    async with start_service(provider.configure()) as service:
        request = asyncio.create_task(service.query(LIST))
        await provider.control.wait_for_in_flight(in_flight=1)
        service.process.send_signal(signal.SIGTERM)
        await wait_until_unready(service)
        health, readiness = await service.get("/healthz"), await service.get("/readyz")
        new_response = await service.query(LIST)
        response = await request
        outcome = await service.rest()

    assert health.status_code == 200
    assert (readiness.status_code, readiness.json()) == (503, {"status": "stopping"})
    assert [each.headers["connection"] for each in (health, readiness, new_response, response)] == ["close"] * 4
    assert new_response.json() == response.json()
    assert response.json()["data"]["invoices"]["coverage"] == [
        {"account": {"id": "fastly/cdn1"}, "status": "COMPLETE", "code": None}
    ]
    assert outcome == (0, "", "")


async def wait_until_unready(service: ServiceProcess) -> None:
    """Wait until the process has handled its signal."""
    while (await service.get("/readyz")).status_code == 200:
        pass


async def test_request_beyond_the_grace_gets_503(provider: Provider) -> None:
    provider.control.faults.append(Fault(kind="hang"))
    async with start_service(provider.configure("shutdown_grace = 0.5\n")) as service:
        request = asyncio.create_task(service.query(LIST))
        await provider.control.wait_for_in_flight(in_flight=1)
        outcome = await service.stop(signal.SIGTERM)
        response = await request

    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["errors"] == [
        {
            "message": "The service stopped before the response was ready. Send the request again.",
            "extensions": {"code": "UNAVAILABLE"},
        }
    ]
    assert outcome == (0, "", "")


async def test_idle_connection_is_closed_without_data(provider: Provider) -> None:
    async with start_service(provider.configure()) as service:
        address = httpx.URL(service.url)
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(len(b'{"status":"ok"}'))
        outcome = await service.stop(signal.SIGTERM)
        remainder = await reader.read()
        writer.close()

    assert (head.split(b"\r\n")[0], body, remainder) == (b"HTTP/1.1 200 OK", b'{"status":"ok"}', b"")
    assert outcome == (0, "", "")


async def test_backlog_is_accepted_before_the_listener_closes() -> None:
    application = create_app(serve_sandbox_accounts)
    server = await start_server(application, listener := socket.create_server(("127.0.0.1", 0)))
    with socket.create_connection(listener.getsockname()) as client:  # no await: the event loop cannot accept it
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await server._stop_listening([listener])
        client.setblocking(False)
        response = await asyncio.get_running_loop().sock_recv(client, 1000)
    await uvicorn.Server.shutdown(server)

    assert response.startswith(b"HTTP/1.1 200 OK")


async def start_server(application: Application, listener: socket.socket) -> GracefulServer:
    config = uvicorn.Config(application, log_config=None, lifespan="off")
    config.load()
    server = GracefulServer(config, application)
    server.lifespan = config.lifespan_class(config)
    await server.startup([listener])
    return server
