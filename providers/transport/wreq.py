"""An httpx transport over wreq: it sends httpx requests and returns httpx responses."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import certifi
import httpx
from wreq import Client, Response, exceptions
from wreq.redirect import Policy
from wreq.runtime import Runtime
from wreq.tls import CertStore

IDLE_TIMEOUT = timedelta(seconds=50)  # of a connection in the pool; most load balancers close one after 60 seconds
MAX_BUFFERED_BODY = 64 * 1024  # bytes; a body whose known length does not exceed it is read in one step
READ_HEADERS = ("content-encoding", "retry-after")  # the only response headers that are copied: there can be many
MAX_ENCODED_REQUESTS = 1_000  # requests kept in encoded form; a repeated call passes the same request object
NETWORK_ERRORS = (
    exceptions.BodyError,
    exceptions.BuilderError,
    exceptions.ConnectionError,
    exceptions.ConnectionResetError,
    exceptions.DecodingError,
    exceptions.ProxyConnectionError,
    exceptions.RequestError,
    exceptions.TimeoutError,
    exceptions.TlsError,
)


class Transport(httpx.AsyncBaseTransport):
    """Pooled connections to all hosts. It stores no cookies, follows no redirects and decompresses no bodies."""

    def __init__(self, *, direct: bool = False) -> None:
        """`direct`: ignore a proxy that the environment names."""
        self._client = Client(
            runtime=Runtime(workers=1),  # one is enough: it spends some microseconds on a call
            http1_only=True,
            pool_idle_timeout=IDLE_TIMEOUT,
            no_proxy=direct,
            redirect=Policy.none(),
            referer=False,
            gzip=False,
            deflate=False,
            brotli=False,
            zstd=False,
            tls_verify=_trust_store(),
        )
        self._encode_request = lru_cache(MAX_ENCODED_REQUESTS)(encode_request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a GET request. Raises httpx.TransportError if no status arrives.

        A network error after the status is raised when the body is read, so that the status is known.
        """
        try:
            url, request_headers = self._encode_request(request)
            response = await self._client.get(url, headers=request_headers)
        except NETWORK_ERRORS as error:
            raise httpx.TransportError(type(error).__name__) from None
        all_headers, length = response.headers, response.content_length
        headers = [(name.encode(), bytes(value)) for name in READ_HEADERS for value in all_headers.get_all(name)]
        stream = (
            StreamedBody(response)
            if length is None or length > MAX_BUFFERED_BODY
            else BufferedBody(await _read_body(response))
        )
        return httpx.Response(response.status.as_int(), headers=headers, stream=stream)

    async def aclose(self) -> None:
        self._client.close()


class BufferedBody(httpx.AsyncByteStream):
    """A body that has been read, or the error of reading it, which is raised on iteration."""

    def __init__(self, body: bytes | httpx.ReadError) -> None:
        self._bodies = [body]

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._bodies:
            raise StopAsyncIteration
        body = self._bodies.pop()
        if isinstance(body, httpx.ReadError):
            raise body
        return body


class StreamedBody(httpx.AsyncByteStream):
    """A body in chunks as they arrive, in its content encoding."""

    def __init__(self, response: Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async with self._response.stream() as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, memoryview):  # other chunks are trailers
                        yield bytes(chunk)
        except NETWORK_ERRORS as error:
            raise httpx.ReadError(type(error).__name__) from None

    async def aclose(self) -> None:
        """Release the connection. It is reused if the whole body was read, and closed otherwise."""
        await self._response.__aexit__(None, None, None)


async def _read_body(response: Response) -> bytes | httpx.ReadError:
    try:
        return bytes(await response.bytes())
    except NETWORK_ERRORS as error:
        return httpx.ReadError(type(error).__name__)


def encode_request(request: httpx.Request) -> tuple[str, dict[str, str]]:
    """Return the URL and headers in the form that wreq expects."""
    return str(request.url), dict(request.headers.multi_items())


def _trust_store() -> Path | CertStore:
    """Return the trusted certificates: SSL_CERT_FILE, else the files in SSL_CERT_DIR, else those of certifi."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if folder and not file:
        return CertStore.from_pem_stack(
            b"\n".join(path.read_bytes() for path in Path(folder).iterdir() if path.is_file())
        )
    return Path(file or certifi.where())
