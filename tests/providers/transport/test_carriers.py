"""Both carriers: connection reuse, headers, bodies, cancellation and proxies."""

import asyncio
from contextlib import aclosing
from typing import NamedTuple

import pytest

from providers.errors import FailureCause
from providers.transport.carrier import CarrierRequest, CarrierResponse

from .carrying import Open, Server, failure, get, listening

LONG = b"long" * 50_000
MOVED = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"


class Framed(NamedTuple):
    """A body, its response head, and its bytes as sent."""

    content: bytes
    head: bytes
    framed: bytes


def _with_length(content: bytes) -> Framed:
    return Framed(content, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content), content)


BODIES = [
    _with_length(b"short"),
    _with_length(LONG),
    Framed(
        b"hi there", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\nhi \r\n5\r\nthere\r\n0\r\n\r\n"
    ),
]


async def test_calls_reuse_one_connection(open_carrier: Open) -> None:
    server = Server()
    async with listening(server) as url, aclosing(open_carrier()) as carrier:
        for _ in range(3):
            await get(carrier, url)

    assert [len(heads) for heads in server.heads] == [3]


async def test_a_request_has_only_its_own_headers(open_carrier: Open) -> None:
    server = Server()
    async with listening(server) as url, aclosing(open_carrier()) as carrier:
        await carrier.get(CarrierRequest(f"{url}?a=b%20c", {"X-Key": "k", "Accept": "x", "User-Agent": "y"}))

    [[head]] = server.heads
    first, *lines = head.decode().lower().strip().split("\r\n")
    assert first == "get /invoices?a=b%20c http/1.1"
    assert sorted(line for line in lines if not line.startswith("host:")) == ["accept: x", "user-agent: y", "x-key: k"]


async def test_redirects_and_cookies_are_ignored(open_carrier: Open) -> None:
    server = Server(MOVED)
    async with listening(server) as url, aclosing(open_carrier()) as carrier:
        assert [await get(carrier, url) for _ in range(2)] == [(302, b""), (302, b"")]

    assert b"ookie" not in b"".join(server.heads[0])


async def test_the_read_headers(open_carrier: Open) -> None:
    server = Server(
        b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\nContent-Encoding: gzip\r\nContent-Encoding: br\r\n"
        b"Retry-After: \xe9\r\nServer: s\r\n\r\n"
    )
    async with listening(server) as url, aclosing(open_carrier()) as carrier:
        response = await carrier.get(CarrierRequest(url, {}))

    assert response == CarrierResponse(429, {"content-encoding": "gzip, br", "retry-after": "\xe9"}, b"")


@pytest.mark.parametrize("body", BODIES, ids=["short", "long", "in chunks"])
async def test_bodies_of_each_framing_are_complete(body: Framed, open_carrier: Open) -> None:
    server = Server(body.head + body.framed)
    async with listening(server) as url, aclosing(open_carrier()) as carrier:
        assert [await get(carrier, url) for _ in range(2)] == [(200, body.content)] * 2

    assert [len(heads) for heads in server.heads] == [2]


@pytest.mark.parametrize("body", BODIES, ids=["short", "long", "in chunks"])
async def test_a_truncated_body_keeps_its_status(body: Framed, open_carrier: Open) -> None:
    server = Server(body.head + body.framed[:-1], closes=True)
    async with listening(server) as url, aclosing(open_carrier()) as carrier:
        assert await carrier.get(CarrierRequest(url, {})) == CarrierResponse(200, {}, b"", FailureCause.CUT_SHORT)


@pytest.mark.parametrize("head", [b"Content-Length: 99999999", b"Transfer-Encoding: chunked"], ids=["length", "chunks"])
async def test_a_body_is_bounded(head: bytes, open_carrier: Open) -> None:
    chunk = b"x" * (1024 * 1024)
    framed = b"100000\r\n" + chunk + b"\r\n" if b"chunked" in head else chunk
    server = Server(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + framed * 17)
    async with listening(server) as url, aclosing(open_carrier()) as carrier:
        assert await carrier.get(CarrierRequest(url, {})) == CarrierResponse(200, {}, b"", FailureCause.TOO_LONG)
        async with asyncio.timeout(5):
            await server.connections[0]


@pytest.mark.parametrize(
    "response", [b"", *(body.head + body.framed[:-1] for body in BODIES)], ids=str.split("no short long chunks")
)
async def test_a_cancelled_call_closes_its_connection(response: bytes, open_carrier: Open) -> None:
    server = Server(response)
    async with listening(server) as url, aclosing(open_carrier()) as carrier:
        call = asyncio.create_task(get(carrier, url))
        async with asyncio.timeout(10):
            await server.has_responded.wait()
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            await server.connections[0]

    assert call.cancelled()
    assert [len(heads) for heads in server.heads] == [1]


async def test_calls_go_through_the_proxy_of_the_carrier_only(
    open_carrier: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Server()
    async with listening(proxy) as url:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, url.removesuffix("/invoices"))
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        async with aclosing(open_carrier(url.removesuffix("/invoices"))) as proxied, aclosing(open_carrier()) as direct:
            assert await get(proxied, "http://provider.test/invoices") == (200, b"hi")
            assert await failure(direct, "http://127.0.0.1:1/invoices") is FailureCause.REFUSED
            assert await failure(direct, "http://no-such-host.invalid/") is FailureCause.NO_SUCH_HOST

    assert [head.split(b"\r\n")[0] for heads in proxy.heads for head in heads] == [
        b"GET http://provider.test/invoices HTTP/1.1"
    ]
