"""What carries calls: httpx's requests and responses over wreq's connections."""

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

IDLE_TIMEOUT = timedelta(seconds=50)  # for which a connection is kept; the usual load balancer hangs up after 60
MAX_BUFFERED_BODY = 64 * 1024  # bytes: a body that is known to be no longer is read in one step
READ_HEADERS = ("content-encoding", "retry-after")  # what is looked at of a response's headers, which can be many
MAX_ENCODED_REQUESTS = 1_000  # of which is known how they are written: who asks the same again hands in the same object
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
    """Connections to every host, kept alive. It remembers no cookie, follows no redirect and unpacks no body."""

    def __init__(self, *, direct: bool = False) -> None:
        """`direct`: a proxy that the environment names is not asked."""
        self._client = Client(
            runtime=Runtime(workers=1),  # that is enough: a call takes it some microseconds
            http1_only=True,
            pool_idle_timeout=IDLE_TIMEOUT,
            no_proxy=direct,
            redirect=Policy.none(),
            referer=False,
            gzip=False,
            deflate=False,
            brotli=False,
            zstd=False,
            tls_verify=_authorities(),
        )
        self._encode_request = lru_cache(MAX_ENCODED_REQUESTS)(encode_request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.TransportError where no status comes."""
        try:
            url, sent = self._encode_request(request)
            response = await self._client.get(url, headers=sent)
        except NETWORK_ERRORS as error:
            raise httpx.TransportError(type(error).__name__) from None
        came, length = response.headers, response.content_length
        headers = [(name.encode(), bytes(value)) for name in READ_HEADERS for value in came.get_all(name)]
        stream = (
            StreamedBody(response)
            if length is None or length > MAX_BUFFERED_BODY
            else BufferedBody(await _read_body(response))
        )
        return httpx.Response(response.status.as_int(), headers=headers, stream=stream)

    async def aclose(self) -> None:
        self._client.close()


class BufferedBody(httpx.AsyncByteStream):
    """A body that is there, or why it is not: its status is known all the same."""

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
    """A body as it comes, in the packing that it has."""

    def __init__(self, response: Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async with self._response.stream() as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, memoryview):  # anything else is a trailer
                        yield bytes(chunk)
        except NETWORK_ERRORS as error:
            raise httpx.ReadError(type(error).__name__) from None

    async def aclose(self) -> None:
        """Its connection may serve another call where all of it was read."""
        await self._response.__aexit__(None, None, None)


async def _read_body(response: Response) -> bytes | httpx.ReadError:
    try:
        return bytes(await response.bytes())
    except NETWORK_ERRORS as error:
        return httpx.ReadError(type(error).__name__)


def encode_request(request: httpx.Request) -> tuple[str, dict[str, str]]:
    """As wreq takes it."""
    return str(request.url), dict(request.headers.multi_items())


def _authorities() -> Path | CertStore:
    """Whose certificates are trusted: those that the environment names, else certifi's."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if folder and not file:
        return CertStore.from_pem_stack(
            b"\n".join(found.read_bytes() for found in Path(folder).iterdir() if found.is_file())
        )
    return Path(file or certifi.where())
