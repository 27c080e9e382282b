"""One HTTP exchange with a provider: credentials shown, body bounded, a broken connection told from a broken body."""

from collections.abc import AsyncIterable, Mapping
from functools import lru_cache
from typing import cast

import httpx
import msgspec

from .errors import Unavailable, Unintelligible
from .settings import AccountSettings

MAX_BODY = 16 * 1024 * 1024  # bytes, decompressed
PACKING = "gzip"  # what is asked for: it unpacks to a thousand times its size at most, others to a million
USER_AGENT = "invoicegraph"
_UNPACKED = {"", "identity", PACKING, "deflate"}
_REQUESTS = 1_000  # that are kept, made once and sent as often as they are asked


class Exchange(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: httpx.Headers
    body: bytes


class Http:
    """One account's exchanges. `transport` is asked directly: no provider needs httpx's cookies and redirects."""

    def __init__(self, settings: AccountSettings, transport: httpx.AsyncBaseTransport) -> None:
        self._transport, self._owner = transport, settings.owner
        self._headers = httpx.Headers({"Accept": "application/json", "Accept-Encoding": PACKING})
        self._headers["User-Agent"] = USER_AGENT
        self._headers[settings.key_header] = settings.api_key.get_secret_value()
        self._request = lru_cache(_REQUESTS)(self._made)

    async def get(self, url: str, params: Mapping[str, str]) -> Exchange:
        """Raises Unavailable where no status came, and Unintelligible where a good one came with half a body.

        A refusal needs none: its status says it.
        """
        try:
            request = self._request(url, *params.items())
            response = await self._transport.handle_async_request(request)
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Unavailable(self._owner, again=True) from None
        stream = cast("httpx.AsyncByteStream", response.stream)  # what httpx does around it takes longer than it
        try:
            body = await self._read(response, stream)
        except Unintelligible:
            if response.is_success:
                raise
            body = b""
        finally:
            await stream.aclose()
        return Exchange(response.status_code, response.headers, body)

    def _made(self, url: str, *params: tuple[str, str]) -> httpx.Request:
        return httpx.Request("GET", url, params=params or None, headers=self._headers)

    async def _read(self, response: httpx.Response, stream: AsyncIterable[bytes]) -> bytes:
        packing = response.headers.get("Content-Encoding", "").strip().lower()
        if packing not in _UNPACKED:  # packed twice, too, a few bytes unpack into gigabytes
            raise Unintelligible(self._owner, "it is packed in a way that was not asked for")
        chunks, length = list[bytes](), 0
        try:
            async for chunk in response.aiter_bytes() if packing else stream:
                chunks.append(chunk)
                length += len(chunk)
                if length > MAX_BODY:
                    raise Unintelligible(self._owner, "it is too long")
        except httpx.HTTPError:
            raise Unintelligible(self._owner, "it is cut short", again=True) from None
        return b"".join(chunks)
