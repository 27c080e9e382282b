"""The HTTP that every provider shares: credentials, deadline, bounds, status to error, numbers by their digits."""

import asyncio
import json
import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import quote

import httpx
import msgspec

from .errors import BY_STATUS, TimedOut, Unavailable, Unintelligible
from .settings import AccountSettings

# When the request that is being answered must be done, on the running loop's clock.
deadline: ContextVar[float | None] = ContextVar("deadline", default=None)

MAX_BODY = 64 * 1024 * 1024  # bytes, decompressed
LONGEST_CALL = 60.0  # seconds, for calls that no request waits for
_decoder = msgspec.json.Decoder(float_hook=str)
_negative_zero = re.compile(rb"(?<![0-9A-Za-z])-0(?![0-9A-Za-z.])")  # not the one in a UUID


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer: its decoded body, floats as the text of their digits, and when it was read."""

    status: int
    body: Any
    observed_at: datetime


class Api:
    """One account's way to its provider: a bounded number of calls at once, none past the request's deadline."""

    def __init__(
        self,
        settings: AccountSettings,
        client: httpx.AsyncClient,
    ) -> None:
        self._owner = settings.owner
        self._settings = settings
        self._client = client
        self._turns = asyncio.Semaphore(settings.concurrency)

    async def get(self, *path: str, **query: str | int | None) -> Answer:
        """GET `path`, each segment percent-encoded; raises a ProviderError for all but a 2xx with a JSON body."""
        url = self._settings.base_url + "".join("/" + quote(segment, safe="") for segment in path)
        params = {key: str(value) for key, value in query.items() if value is not None}
        try:
            async with asyncio.timeout_at(call_deadline()), self._turns:
                status, body = await self._exchange(url, params)
        except TimeoutError:
            raise TimedOut(self._owner) from None
        if not httpx.codes.is_success(status):
            raise BY_STATUS.get(status, Unavailable)(self._owner)
        return Answer(status, self._decode(body), datetime.now(UTC))

    async def _exchange(self, url: str, params: Mapping[str, str]) -> tuple[int, bytes]:
        headers = {self._settings.key_header: self._settings.api_key.get_secret_value()}
        request = self._client.build_request("GET", url, params=params, headers=headers)
        try:
            response = await self._client.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Unavailable(self._owner) from None
        try:
            return response.status_code, await self._read(response)
        except httpx.HTTPError:  # the status came, the body broke off
            self._cut_short(response.status_code)
        finally:
            await response.aclose()

    async def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_BODY:
                raise Unintelligible(self._owner, "it is too long")
        return bytes(body)

    def _cut_short(self, status: int) -> NoReturn:
        if httpx.codes.is_success(status):
            raise Unintelligible(self._owner, "it is cut short") from None
        raise BY_STATUS.get(status, Unavailable)(self._owner) from None

    def _decode(self, body: bytes) -> Any:
        try:
            decoded = _decoder.decode(body)
            # It drops the sign, which raw must show; json keeps it, but takes more for JSON than there is.
            signed = _negative_zero.search(body) is not None
            return json.loads(body, parse_float=str, parse_int=str) if signed else decoded
        except (ValueError, RecursionError, msgspec.MsgspecError):
            raise Unintelligible(self._owner, "it is not JSON") from None


def call_deadline() -> float:
    """When a call that starts now must be done."""
    return deadline.get() or asyncio.get_running_loop().time() + LONGEST_CALL
