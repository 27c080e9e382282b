"""One HTTP exchange with a provider: credentials shown, body bounded, a broken connection told from a broken body."""

from collections.abc import AsyncIterable, Mapping
from typing import cast

import httpx
import msgspec

from providers.errors import Unavailable, Unintelligible
from providers.settings import AccountSettings

MAX_BODY = 16 * 1024 * 1024  # bytes, decompressed
ACCEPT_ENCODING = "gzip"  # what is asked for: it unpacks to a thousand times its size at most, others to a million
USER_AGENT = "invoicegraph"
_ACCEPTED_ENCODINGS = {"", "identity", ACCEPT_ENCODING, "deflate"}


class RawResponse(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: httpx.Headers
    body: bytes


class HttpExchange:
    """One account's exchanges. `transport` is asked directly: no provider needs httpx's cookies and redirects."""

    def __init__(self, settings: AccountSettings, transport: httpx.AsyncBaseTransport) -> None:
        self._transport, self._owner = transport, settings.owner
        self._headers = httpx.Headers({"Accept": "application/json", "Accept-Encoding": ACCEPT_ENCODING})
        self._headers["User-Agent"] = USER_AGENT
        self._headers[settings.key_header] = settings.api_key.get_secret_value()

    def request(self, url: str, params: Mapping[str, str]) -> httpx.Request:
        """What can be sent as often as it is asked; raises Unavailable where no such thing can be."""
        try:
            return httpx.Request("GET", url, params=params or None, headers=self._headers)
        except httpx.InvalidURL:
            raise Unavailable(self._owner) from None

    async def get(self, request: httpx.Request) -> RawResponse:
        """Raises Unavailable where no status came, and Unintelligible where a good one came with half a body.

        A refusal needs none: its status says it.
        """
        try:
            response = await self._transport.handle_async_request(request)
        except httpx.HTTPError:
            raise Unavailable(self._owner, retryable=True) from None
        stream = cast("httpx.AsyncByteStream", response.stream)  # what httpx does around it takes longer than it
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
        packing = headers.get("Content-Encoding", "").strip().lower() if headers else ""
        if packing not in _ACCEPTED_ENCODINGS:  # packed twice, too, a few bytes unpack into gigabytes
            raise Unintelligible(self._owner, "it is packed in a way that was not asked for")
        chunks: list[bytes] = []
        length = 0
        try:
            async for chunk in response.aiter_bytes() if packing else stream:
                chunks.append(chunk)
                length += len(chunk)
                if length > MAX_BODY:
                    raise Unintelligible(self._owner, "it is too long")
        except httpx.HTTPError:
            raise Unintelligible(self._owner, "it is cut short", retryable=True) from None
        return b"".join(chunks)
