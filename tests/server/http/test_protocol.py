"""Connections that bring no request, or one without end: refused in the form of every error, and closed."""

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
from tests.server.command import started

LINE = b"POST /graphql HTTP/1.1\r\nHost: a\r\n"
CHUNK = b"2000\r\n" + b"a" * 8_192 + b"\r\n"
TOO_LONG = (431, "The request's line and headers are longer than 65,536 bytes.")
NO_HTTP = (400, "The request is not HTTP.")
REFUSED = {
    "a header without end": ((LINE + b"X: " + b"a" * MAX_HEAD_BYTES)[: MAX_HEAD_BYTES + 1], TOO_LONG),
    "headers without end": ((LINE + b"X: a\r\n" * MAX_HEAD_BYTES)[: MAX_HEAD_BYTES + 1], TOO_LONG),
    "an address without end": ((b"GET /" + b"a" * MAX_HEAD_BYTES)[: MAX_HEAD_BYTES + 1], TOO_LONG),
    "a long header": (LINE + b"X: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n", TOO_LONG),
    "TLS": (b"\x16\x03\x01\x02\x00\r\n\r\n", NO_HTTP),
    "no such method": (b"FETCH / HTTP/1.1\r\n\r\n", NO_HTTP),
    "two lengths": (LINE + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", NO_HTTP),
}


class Hurried(GuardedHttpProtocol):
    patience = 0.3


@asynccontextmanager
async def hurried() -> AsyncIterator[int]:
    """A server with little patience, that answers everything before its body has come; its port."""
    config = uvicorn.Config(PlainTextResponse("early"), log_config=None)
    protocol = partial(Hurried, config=config, server_state=ServerState(), app_state={})
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def heard(port: int | None, begin: bytes, again: bytes = b"", *, pause: float = 0) -> bytes:
    """All that a server says to bytes that are followed by others, again and again, until it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def talk() -> None:
        writer.write(begin)
        with suppress(ConnectionError):
            while again:
                writer.write(again)
                await writer.drain()
                await asyncio.sleep(pause)

    talking = asyncio.create_task(talk())
    said = bytearray()
    async with asyncio.timeout(20):
        with suppress(ConnectionError):
            while piece := await reader.read(65_536):
                said += piece
    talking.cancel()
    writer.close()
    return bytes(said)


def refusal(said: bytes) -> tuple[int, str, str]:
    head, _, body = said.partition(b"\r\n\r\n")
    [error] = json.loads(body)["errors"]
    return int(head.split()[1]), error["message"], error["extensions"]["code"]


async def test_what_is_no_request_is_refused_and_hung_up_on() -> None:
    async with started("serve", "--port", "0") as service:
        port = urlsplit(service.url).port
        said = {name: await heard(port, request) for name, (request, _) in REFUSED.items()}

    assert {name: refusal(answer) for name, answer in said.items()} == {
        name: (*expected, "BAD_USER_INPUT") for name, (_, expected) in REFUSED.items()
    }


@pytest.mark.parametrize("again", [b"", b"X: a\r\n"], ids=["nothing more", "a little more, again and again"])
async def test_a_head_that_does_not_end_is_refused_after_a_while(again: bytes) -> None:
    async with hurried() as port:
        said = await heard(port, LINE, again, pause=0.05)

    assert refusal(said) == (408, "The request did not arrive in time.", "BAD_USER_INPUT")


async def test_a_connection_that_says_nothing_is_closed_after_a_while() -> None:
    async with hurried() as port:
        assert await heard(port, b"") == b""


@pytest.mark.parametrize("pause", [0, 0.05], ids=["fast", "slowly"])
async def test_a_body_that_does_not_end_when_it_has_been_answered_is_cut(pause: float) -> None:
    async with hurried() as port:
        said = await heard(port, LINE + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK, pause=pause)

    assert said.endswith(b"\r\n\r\nearly")
