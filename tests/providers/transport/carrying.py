"""A server that sends fixed bytes, and calls to it over a carrier."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import trustme

from providers.errors import FailureCause
from providers.transport.carrier import Carrier, CarrierRequest, NetworkFailure

RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
Open = Callable[..., Carrier]  # opens a carrier, with the proxy of its argument


class Server:
    """Sends the same bytes to every request, and records the request heads of each connection."""

    def __init__(self, response: bytes = RESPONSE, *, closes: bool = False) -> None:
        self.response, self.closes = response, closes
        self.heads: list[list[bytes]] = []
        self.connections: list[asyncio.Task[None]] = []
        self.has_responded = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(asyncio.current_task())  # type: ignore[arg-type]
        heads: list[bytes] = []
        self.heads.append(heads)
        try:
            with suppress(asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
                while True:
                    heads.append(await reader.readuntil(b"\r\n\r\n"))
                    writer.write(self.response)
                    self.has_responded.set()
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


async def get(carrier: Carrier, url: str) -> tuple[int, bytes]:
    response = await carrier.get(CarrierRequest(url, {}))
    assert response.failure is None
    return response.status, response.body


async def failure(carrier: Carrier, url: str) -> FailureCause:
    with pytest.raises(NetworkFailure) as caught:
        await carrier.get(CarrierRequest(url, {}))
    return caught.value.cause


def server_tls(authority: trustme.CA, *hosts: str, **certificate: Any) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts, **certificate).configure_cert(tls)
    return tls
