"""One HTTP exchange with a provider: it adds the credentials, bounds the body and classifies network errors."""

from collections.abc import AsyncIterable, Mapping
from typing import cast

import httpx
import msgspec

from providers.errors import Unavailable, Unintelligible
from providers.settings import AccountSettings

MAX_BODY = 16 * 1024 * 1024  # bytes, decompressed
ACCEPT_ENCODING = "gzip"  # it expands at most a thousandfold, other encodings up to a millionfold
USER_AGENT = "invoicegraph"
_ACCEPTED_ENCODINGS = {"", "identity", ACCEPT_ENCODING, "deflate"}


class RawResponse(msgspec.Struct, frozen=True):
    """A response of any status. `body` is decompressed."""

    status: int
    headers: httpx.Headers
    body: bytes


class HttpExchange:
    """The HTTP exchanges of one account.

    `transport` is called without an httpx client: no provider needs httpx's cookies and redirects.
    """

    def __init__(self, settings: AccountSettings, transport: httpx.AsyncBaseTransport) -> None:
        self._transport, self._account_ref = transport, settings.account_ref
        self._headers = httpx.Headers({"Accept": "application/json", "Accept-Encoding": ACCEPT_ENCODING})
        self._headers["User-Agent"] = USER_AGENT
        self._headers[settings.key_header] = settings.api_key.get_secret_value()

    def request(self, url: str, params: Mapping[str, str]) -> httpx.Request:
        """Build a GET request that can be sent any number of times. Raises Unavailable if httpx rejects the URL."""
        try:
            return httpx.Request("GET", url, params=params or None, headers=self._headers)
        except httpx.InvalidURL:
            raise Unavailable(self._account_ref) from None

    async def get(self, request: httpx.Request) -> RawResponse:
        """Send a request and read the response, whatever its status.

        Raises Unavailable if no status arrives, and Unintelligible if the body of a 2xx response is incomplete or
        unusable. Any other response is returned without such a body, because its status is sufficient.
        """
        try:
            response = await self._transport.handle_async_request(request)
        except httpx.HTTPError:
            raise Unavailable(self._account_ref, retryable=True) from None
        stream = cast("httpx.AsyncByteStream", response.stream)  # the wrapper of httpx costs more than reading itself
        try:
            body = await self._read(response, stream)
        except Unintelligible:
            if response.is_success:
                raise
            body = b""
        finally:
            await stream.aclose()
        return RawResponse(response.status_code, response.headers, body)

    async def _read(self, response: httpx.Response, stream: AsyncIterable[bytes]) -> bytes:
        headers = response.headers
        encoding = headers.get("Content-Encoding", "").strip().lower() if headers else ""
        if encoding not in _ACCEPTED_ENCODINGS:  # such as two encodings, by which a few bytes expand to gigabytes
            raise Unintelligible(self._account_ref, "it has a content encoding that was not requested")
        chunks: list[bytes] = []
        length = 0
        try:
            async for chunk in response.aiter_bytes() if encoding else stream:
                chunks.append(chunk)
                length += len(chunk)
                if length > MAX_BODY:
                    raise Unintelligible(self._account_ref, "it is too long")
        except httpx.HTTPError:
            raise Unintelligible(self._account_ref, "it is cut short", retryable=True) from None
        return b"".join(chunks)
