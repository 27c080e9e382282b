"""Both carriers: TLS trust, connection reuse, bodies, cancellation and proxies."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme

from providers.errors import FailureCause
from providers.transport.carrier import Carrier, CarrierRequest, CarrierResponse, NetworkFailure
from providers.transport.environment import trusted_certificates
from providers.transport.httpx_carrier import HttpxCarrier, create_transport
from providers.transport.reqwest import ReqwestCarrier

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


Open = Callable[..., Carrier]


@pytest.fixture(params=["reqwest", "httpx"])
def open_carrier(request: pytest.FixtureRequest) -> Open:
    """Return a function that opens a carrier, with the proxy of its argument."""

    def open_one(proxy: str | None = None) -> Carrier:
        if request.param == "reqwest":
            return ReqwestCarrier(trusted_certificates(), proxy)
        return HttpxCarrier(create_transport(trusted_certificates(), proxy))

    return open_one


async def _get(carrier: Carrier, url: str) -> tuple[int, bytes]:
    response = await carrier.get(CarrierRequest(url, {}))
    assert response.failure is None
    return response.status, response.body


async def _failure(carrier: Carrier, url: str) -> FailureCause:
    with pytest.raises(NetworkFailure) as caught:
        await carrier.get(CarrierRequest(url, {}))
    return caught.value.cause


def _server_tls(authority: trustme.CA, *hosts: str, **certificate: Any) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts, **certificate).configure_cert(tls)
    return tls


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR", None])
async def test_only_trusted_certificate_authorities(
    variable: str | None, open_carrier: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, server = trustme.CA(), Server()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "authority.pem" if variable == "SSL_CERT_FILE" else tmp_path))
    async with listening(server, _server_tls(authority, "localhost")) as url, aclosing(open_carrier()) as carrier:
        if variable:
            assert await _get(carrier, url) == (200, b"hi")
        else:
            assert await _failure(carrier, url) is FailureCause.UNKNOWN_AUTHORITY
            assert server.heads == []


@pytest.mark.parametrize(
    ("host", "expiry", "cause"),
    [
        ("elsewhere.test", None, FailureCause.WRONG_HOST_NAME),
        ("localhost", datetime(2020, 1, 1, tzinfo=UTC), FailureCause.EXPIRED),
    ],
)
async def test_an_invalid_certificate_is_rejected(
    host: str,
    expiry: datetime | None,
    cause: FailureCause,
    open_carrier: Open,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority = trustme.CA()
    tls = _server_tls(authority, host, not_after=expiry)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    async with listening(Server(), tls) as url, aclosing(open_carrier()) as carrier:
        assert await _failure(carrier, url) is cause


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("https://no-such-host.invalid/", FailureCause.NO_SUCH_HOST),
        ("http://127.0.0.1:1/", FailureCause.REFUSED),
        ("http://[::1/", FailureCause.INVALID_ADDRESS),
    ],
)
async def test_causes_without_a_server(url: str, cause: FailureCause, open_carrier: Open) -> None:
    async with aclosing(open_carrier()) as carrier:
        assert await _failure(carrier, url) is cause


@pytest.mark.parametrize(
    ("response", "cause"), [(b"", FailureCause.DISCONNECTED), (b"SSH-2.0-OpenSSH\r\n\r\n", FailureCause.NOT_HTTP)]
)
async def test_causes_without_a_status(response: bytes, cause: FailureCause, open_carrier: Open) -> None:
    async with listening(Server(response, closes=not response)) as url, aclosing(open_carrier()) as carrier:
        assert await _failure(carrier, url) is cause


async def test_tls_to_a_plain_port(open_carrier: Open) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as listener, aclosing(open_carrier()) as carrier:
        port = listener.sockets[0].getsockname()[1]
        assert await _failure(carrier, f"https://localhost:{port}/") is FailureCause.NOT_TLS


async def test_calls_reuse_one_connection(open_carrier: Open) -> None:
    server = Server()
    async with listening(server) as url, aclosing(open_carrier()) as carrier:
        for _ in range(3):
            await _get(carrier, url)

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
        assert [await _get(carrier, url) for _ in range(2)] == [(302, b""), (302, b"")]

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
        assert [await _get(carrier, url) for _ in range(2)] == [(200, body.content)] * 2

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
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await _get(carrier, url)
        async with asyncio.timeout(5):
            await server.connections[0]

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
            assert await _get(proxied, "http://provider.test/invoices") == (200, b"hi")
            assert await _failure(direct, "http://127.0.0.1:1/invoices") is FailureCause.REFUSED
            assert await _failure(direct, "http://no-such-host.invalid/") is FailureCause.NO_SUCH_HOST

    assert [head.split(b"\r\n")[0] for heads in proxy.heads for head in heads] == [
        b"GET http://provider.test/invoices HTTP/1.1"
    ]
