"""A reverse proxy for tests: it serves a URL below a prefix, strips the prefix, and forwards WebSockets."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@asynccontextmanager
async def stripping_proxy(url: str, prefix: str, host: str | None = None) -> AsyncIterator[str]:
    """Serve `url` below `prefix`, and yield the URL with the prefix. Other paths get 404.

    `host` replaces the header Host, as many proxies do.
    """

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = _rewrite_head((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"), prefix, host)
            if head is None:
                writer.write(_NOT_FOUND)
            else:
                upstream_reader, upstream_writer = await asyncio.open_connection(target.hostname, target.port)
                upstream_writer.write(head.encode("latin-1"))
                await asyncio.gather(_copy(reader, upstream_writer), _copy(upstream_reader, writer))
        writer.close()

    target = urlsplit(url)
    async with await asyncio.start_server(forward, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{prefix}"
        server.close()


def _rewrite_head(head: str, prefix: str, host: str | None) -> str | None:
    """Return the head of a request as the proxy forwards it. Returns None if its path is not below the prefix."""
    method, _, rest = head.partition(" ")
    if not rest.startswith(f"{prefix}/"):
        return None
    if host is not None:
        rest = re.sub(r"(?im)^host:.*\r$", f"Host: {host}\r", rest)
    rest = re.sub(r"(?im)^connection: keep-alive\r$", "Connection: close\r", rest)  # one request for a connection
    return f"{method} {rest.removeprefix(prefix)}"


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
    writer.close()
