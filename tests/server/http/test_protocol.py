"""Connections that send no request, an invalid one or an endless one: rejected with an error, and closed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from uvicorn.server import ServerState

from server.http.protocol import MAX_HEAD_BYTES, GuardedHttpProtocol
from tests.server.command import start_command

LINE = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\n"
CHUNK = b"2000\r\n" + b"a" * 8_192 + b"\r\n"
TOO_LONG = (
    431,
    "The request line and headers are longer than 65,536 bytes. Send fewer headers, or the query by POST.",
)
INVALID_HTTP = (400, "The request is not valid HTTP/1.1. This port does not accept HTTPS.")
REJECTED = {
    "an endless header": ((LINE + b"X: " + b"a" * MAX_HEAD_BYTES)[: MAX_HEAD_BYTES + 1], TOO_LONG),
    "endless headers": ((LINE + b"X: a\r\n" * MAX_HEAD_BYTES)[: MAX_HEAD_BYTES + 1], TOO_LONG),
    "an endless URL": ((b"GET /" + b"a" * MAX_HEAD_BYTES)[: MAX_HEAD_BYTES + 1], TOO_LONG),
    "a long header": (LINE + b"X: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n", TOO_LONG),
    "TLS": (b"\x16\x03\x01\x02\x00\r\n\r\n", INVALID_HTTP),
    "an unknown method": (b"FETCH / HTTP/1.1\r\n\r\n", INVALID_HTTP),
    "two content lengths": (LINE + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", INVALID_HTTP),
}


class ShortTimeoutProtocol(GuardedHttpProtocol):
    header_timeout = 0.3


@asynccontextmanager
async def short_timeout_server() -> AsyncIterator[int]:
    """The port of a server with a short header timeout, which responds before it has read the body."""
    config = uvicorn.Config(PlainTextResponse("early"), log_config=None)
    protocol = partial(ShortTimeoutProtocol, config=config, server_state=ServerState(), app_state={})
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def send_until_closed(port: int | None, first: bytes, repeated: bytes = b"", *, pause: float = 0) -> bytes:
    """Send bytes, then others again and again, until the server closes the connection. Returns all that it sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def write() -> None:
        writer.write(first)
        with suppress(ConnectionError):
            while repeated:
                writer.write(repeated)
                await writer.drain()
                await asyncio.sleep(pause)

    writing = asyncio.create_task(write())
    received = bytearray()
    async with asyncio.timeout(20):
        with suppress(ConnectionError):
            while chunk := await reader.read(65_536):
                received += chunk
    writing.cancel()
    writer.close()
    return bytes(received)


def parse_error(response: bytes) -> tuple[int, str, str]:
    """The status, the message and the code of an error response."""
    head, _, body = response.partition(b"\r\n\r\n")
    [error] = json.loads(body)["errors"]
    return int(head.split()[1]), error["message"], error["extensions"]["code"]


async def test_invalid_requests_are_rejected_and_closed() -> None:
    async with start_command("serve", "--sandbox", "--port", "0") as service:
        port = urlsplit(service.url).port
        responses = {name: await send_until_closed(port, request) for name, (request, _) in REJECTED.items()}

    assert {name: parse_error(response) for name, response in responses.items()} == {
        name: (*expected, "BAD_USER_INPUT") for name, (_, expected) in REJECTED.items()
    }


@pytest.mark.parametrize("repeated", [b"", b"X: a\r\n"], ids=["silent", "slow headers"])
async def test_incomplete_headers_time_out(repeated: bytes) -> None:
    async with short_timeout_server() as port:
        response = await send_until_closed(port, LINE, repeated, pause=0.05)

    message = "The request headers did not arrive in time. Send the request again."
    assert parse_error(response) == (408, message, "BAD_USER_INPUT")


async def test_trailers_are_no_headers() -> None:
    body = b'18\r\n{"query":"{__typename}"}\r\n0\r\n'
    head = LINE + b"Content-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with start_command("serve", "--sandbox", "--port", "0") as service:
        port = urlsplit(service.url).port
        response = await send_until_closed(port, head + body + b"X-Request-Id: from-a-trailer\r\n\r\n")

    assert response.startswith(b"HTTP/1.1 200 ")
    assert b"from-a-trailer" not in response


async def test_silent_connection_is_closed() -> None:
    async with short_timeout_server() as port:
        assert await send_until_closed(port, b"") == b""


@pytest.mark.parametrize("pause", [0, 0.05], ids=["fast", "slow"])
async def test_endless_body_is_cut_after_the_response(pause: float) -> None:
    async with short_timeout_server() as port:
        response = await send_until_closed(port, LINE + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK, pause=pause)

    assert response.endswith(b"\r\n\r\nearly")
