"""Clients that do not read their response, and connections beyond the bound: closed, and nothing is held for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from uvicorn.server import ServerState

from server.http.bounds import ConnectionBounds
from server.http.protocol import GuardedHttpProtocol
from tests.server.command import start_command, write_config

from .test_protocol import parse_error, send_until_closed

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
LONG, SHORT = b"a" * 30_000_000, b"a" * 60_000
HANDSHAKE = (
    b"Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n"
)
INVALID_HANDSHAKE = "The WebSocket handshake is invalid. Send it by GET without a body, as RFC 6455 defines."


class Server:
    """A server with short timeouts, which counts the connections that it has lost."""

    def __init__(self, body: bytes, bounds: ConnectionBounds) -> None:
        self._config = uvicorn.Config(PlainTextResponse(body), log_config=None)
        self._bounds, self.lost = bounds, asyncio.Semaphore(0)
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        lost = self.lost

        class Protocol(GuardedHttpProtocol):
            header_timeout = 0.2

            def connection_lost(self, exc: Exception | None) -> None:
                super().connection_lost(exc)
                lost.release()

        state = ServerState()
        protocol = partial(Protocol, config=self._config, server_state=state, app_state={}, bounds=self._bounds)
        server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
        async with server:
            self.port = server.sockets[0].getsockname()[1]
            yield

    async def request(self, request: bytes = GET + b"\r\n") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send a request. Nothing but a small buffer of the reader is read until the test reads."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1_000)
        writer.write(request)
        return reader, writer


async def _read_slowly(reader: asyncio.StreamReader) -> int:
    total = 0
    while chunk := await reader.read(1_000_000):
        total += len(chunk)
        await asyncio.sleep(0)
    return total


async def test_client_that_never_reads_is_disconnected() -> None:
    server = Server(LONG, ConnectionBounds(write_timeout=0.3))
    async with server.running(), asyncio.timeout(20):
        reader, writer = await server.request()
        await server.lost.acquire()
        received = 0
        with suppress(ConnectionError):
            received = await _read_slowly(reader)
        writer.close()

    assert received < len(LONG)


async def test_client_that_reads_gets_the_whole_response() -> None:
    server = Server(LONG, ConnectionBounds(write_timeout=0.3))
    async with server.running(), asyncio.timeout(20):
        reader, writer = await server.request(GET + b"Connection: close\r\n\r\n")
        received = await _read_slowly(reader)
        writer.close()

    assert received > len(LONG)


async def test_bytes_that_wait_over_all_connections_are_bounded() -> None:
    bounds = ConnectionBounds(max_waiting_bytes=2 * len(LONG), write_timeout=60)
    server = Server(LONG, bounds)
    async with server.running(), asyncio.timeout(20):
        connections = [await server.request() for _ in range(4)]
        await server.lost.acquire()
        for _, writer in connections:
            writer.transport.abort()


async def test_connections_beyond_the_bound_are_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("bound")
    config = write_config(folder, [("http://127.0.0.1:1", "k")], "[server]\nmax_connections = 2\n")
    async with start_command("serve", "--port", "0", "--config", config) as service:
        port = urlsplit(service.url).port
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        refused = await send_until_closed(port, b"")
        for _, writer in idle:
            writer.close()

    message = "Too many connections are open. Try again later, or send several requests over one connection."
    assert parse_error(refused) == (503, message, "UNAVAILABLE")
    assert b"retry-after: 1\r\n" in refused


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /graphql HTTP/1.1\r\n" + HANDSHAKE + b"Content-Length: 10\r\n\r\n",
        b"GET /graphql HTTP/1.1\r\n" + HANDSHAKE + b"Transfer-Encoding: chunked\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\n" + HANDSHAKE + b"Content-Length: 10\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\n" + HANDSHAKE + b"\r\n",
        b"GET /graphql HTTP/1.1\r\n" + HANDSHAKE + b"X: a\r\n" * 200 + b"\r\n",
        b"GET /graphql HTTP/1.1\r\n" + HANDSHAKE + b"X: " + b"a" * 20_000 + b"\r\n\r\n",
    ],
    ids=["length", "chunked", "POST with a body", "POST", "200 headers", "a long header"],
)
async def test_half_made_websocket_is_refused_and_closed(handshake_port: int, request_: bytes) -> None:
    assert parse_error(await send_until_closed(handshake_port, request_)) == (400, INVALID_HANDSHAKE, "BAD_USER_INPUT")


@pytest.fixture
async def handshake_port() -> AsyncIterator[int]:
    async with start_command("serve", "--sandbox", "--port", "0") as service:
        port = urlsplit(service.url).port
        assert port
        yield port
