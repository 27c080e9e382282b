"""One HTTP exchange with a provider: credentials shown, body bounded, a broken connection told from a broken body."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from .errors import Unavailable, Unintelligible
from .settings import AccountSettings

MAX_BODY = 16 * 1024 * 1024  # bytes, decompressed
PACKING = "gzip"  # what is asked for: it unpacks to a thousand times its size at most, others to a million
_UNPACKED = {"", "identity", PACKING, "deflate"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back."""

    status: int
    headers: httpx.Headers
    body: bytes


class Http:
    """One account's connections to its provider."""

    def __init__(self, settings: AccountSettings, client: httpx.AsyncClient) -> None:
        self._settings, self._client = settings, client
        self._owner = settings.owner

    async def get(self, url: str, params: Mapping[str, str]) -> Exchange:
        """Raises Unavailable where no status came, and Unintelligible where a good one came with half a body.

        A refusal needs none: its status says it.
        """
        headers = {self._settings.key_header: self._settings.api_key.get_secret_value()}
        request = self._client.build_request("GET", url, params=params, headers=headers)
        try:
            response = await self._client.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Unavailable(self._owner, again=True) from None
        try:
            body = await self._read(response)
        except Unintelligible:
            if response.is_success:
                raise
            body = b""
        finally:
            await response.aclose()
        return Exchange(response.status_code, response.headers, body)

    async def _read(self, response: httpx.Response) -> bytes:
        packing = response.headers.get("Content-Encoding", "").strip().lower()
        if packing not in _UNPACKED:  # packed twice, too, a few bytes unpack into gigabytes
            raise Unintelligible(self._owner, "it is packed in a way that was not asked for")
        body = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BODY:
                    raise Unintelligible(self._owner, "it is too long")
        except httpx.HTTPError:
            raise Unintelligible(self._owner, "it is cut short", again=True) from None
        return bytes(body)
