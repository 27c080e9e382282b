"""The wreq transport: TLS trust, connection reuse, bodies, cancellation and proxies."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import trustme

from providers.transport.wreq import Transport

RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
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


class Server:
    """Sends the same bytes to every request, and records the request heads of each connection."""

    def __init__(self, response: bytes = RESPONSE, *, closes: bool = False) -> None:
        self.response, self.closes = response, closes
        self.heads: list[list[bytes]] = []
        self.connections: list[asyncio.Task[None]] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(asyncio.current_task())  # type: ignore[arg-type]
        heads: list[bytes] = []
        self.heads.append(heads)
        try:
            with suppress(asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
                while True:
                    heads.append(await reader.readuntil(b"\r\n\r\n"))
                    writer.write(self.response)
                    if self.closes:
                        await writer.drain()
                        break
        finally:
            writer.transport.abort()


@asynccontextmanager
async def listening(server: Server, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    listener = await asyncio.start_server(server, "127.0.0.1", 0, ssl=tls)
    async with listener:
        yield f"{'https' if tls else 'http'}://localhost:{listener.sockets[0].getsockname()[1]}/invoices"
        for connection in server.connections:
            connection.cancel()
        await asyncio.gather(*server.connections, return_exceptions=True)


async def _get(transport: Transport, url: str) -> tuple[int, bytes]:
    response = await transport.handle_async_request(httpx.Request("GET", url))
    body = await response.aread()
    await response.aclose()
    return response.status_code, body


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR", None])
async def test_only_trusted_certificate_authorities(
    variable: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, server = trustme.CA(), Server()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "authority.pem" if variable == "SSL_CERT_FILE" else tmp_path))
    async with listening(server, tls) as url, Transport(direct=True) as transport:
        if variable:
            assert await _get(transport, url) == (200, b"hi")
        else:
            with pytest.raises(httpx.TransportError):
                await _get(transport, url)
            assert server.heads == []


async def test_a_certificate_for_another_host_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, server = trustme.CA(), Server()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.test").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    async with listening(server, tls) as url, Transport(direct=True) as transport:
        with pytest.raises(httpx.TransportError):
            await _get(transport, url)


async def test_calls_reuse_one_connection() -> None:
    server = Server()
    async with listening(server) as url, Transport(direct=True) as transport:
        for _ in range(3):
            await _get(transport, url)

    assert [len(heads) for heads in server.heads] == [3]


async def test_redirects_and_cookies_are_ignored() -> None:
    server = Server(MOVED)
    async with listening(server) as url, Transport(direct=True) as transport:
        assert [await _get(transport, url) for _ in range(2)] == [(302, b""), (302, b"")]

    assert b"ookie" not in b"".join(server.heads[0])


@pytest.mark.parametrize("body", BODIES, ids=["short", "long", "in chunks"])
async def test_bodies_of_each_framing_are_complete(body: Framed) -> None:
    server = Server(body.head + body.framed)
    async with listening(server) as url, Transport(direct=True) as transport:
        assert [await _get(transport, url) for _ in range(2)] == [(200, body.content)] * 2

    assert [len(heads) for heads in server.heads] == [2]


@pytest.mark.parametrize("body", BODIES, ids=["short", "long", "in chunks"])
async def test_a_truncated_body_is_a_read_error(body: Framed) -> None:
    server = Server(body.head + body.framed[:-1], closes=True)
    async with listening(server) as url, Transport(direct=True) as transport:
        with pytest.raises(httpx.ReadError):
            await _get(transport, url)


@pytest.mark.parametrize(
    "response", [b"", *(body.head + body.framed[:-1] for body in BODIES)], ids=str.split("no short long chunks")
)
async def test_a_cancelled_call_closes_its_connection(response: bytes) -> None:
    server = Server(response)
    async with listening(server) as url, Transport(direct=True) as transport:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await _get(transport, url)
        async with asyncio.timeout(5):
            await server.connections[0]

    assert [len(heads) for heads in server.heads] == [1]


async def test_direct_transports_ignore_the_environment_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxy = Server()
    async with listening(proxy) as url:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, url.removesuffix("/invoices"))
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        async with Transport() as proxied, Transport(direct=True) as direct:
            assert await _get(proxied, "http://provider.test/invoices") == (200, b"hi")
            with pytest.raises(httpx.TransportError):
                await _get(direct, "http://127.0.0.1:1/invoices")

    assert [head.split(b"\r\n")[0] for heads in proxy.heads for head in heads] == [
        b"GET http://provider.test/invoices HTTP/1.1"
    ]
