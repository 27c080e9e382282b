"""What carries calls: httpx's requests and responses over reqwest's connections."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import certifi
import httpx
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.response import Response

_CHUNK = 64 * 1024  # bytes of a body that are read at once


class Transport(httpx.AsyncBaseTransport):
    """Connections to every host, kept alive. It remembers no cookie and follows no redirect."""

    def __init__(self, *, direct: bool = False) -> None:
        """`direct`: a proxy that the environment names is not asked."""
        self._client = _client(direct=direct)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.TransportError where no status comes."""
        asked = self._client.request(request.method, str(request.url)).headers(request.headers.multi_items())
        # Nothing of the body is read ahead, so that what breaks there is told from what breaks before its status.
        exchange = asked.streamed_read_buffer_limit(0).build_streamed()
        try:
            response = await exchange.__aenter__()
        except PyreqwestError as error:
            raise httpx.TransportError(error.message) from None
        return httpx.Response(response.status, headers=_headers(response), stream=_Body(response, exchange))

    async def aclose(self) -> None:
        await self._client.close()


class _Body(httpx.AsyncByteStream):
    """A body as it comes, in the packing that it has."""

    def __init__(self, response: Response, exchange: Any) -> None:
        self._response, self._exchange = response, exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = self._response.body_reader.read
        try:
            while (chunk := await read(_CHUNK)) is not None:
                yield bytes(chunk)
        except PyreqwestError as error:
            raise httpx.ReadError(error.message) from None

    async def aclose(self) -> None:
        await self._exchange.__aexit__(None, None, None)


def _headers(response: Response) -> list[tuple[str, str]]:
    """Those that are text; of what is not, nobody could tell what it says."""
    try:
        return [*response.headers.items()]
    except ValueError:
        return [(name, value) for name in response.headers for value in _values(response, name)]


def _values(response: Response, name: str) -> list[str]:
    try:
        return response.get_header_all(name)
    except ValueError:
        return []


def _client(*, direct: bool) -> Client:
    client = ClientBuilder().follow_redirects(enable=False).referer(enable=False)
    client = client.gzip(enable=False).deflate(enable=False).brotli(enable=False).zstd(enable=False)
    if direct:
        client = client.no_proxy()
    if os.environ.keys().isdisjoint({"SSL_CERT_FILE", "SSL_CERT_DIR"}):  # they name all that is trusted
        client = client.add_root_certificate_pem(Path(certifi.where()).read_bytes())  # a small image has none
    return client.build()
