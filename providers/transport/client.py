"""What a source asks its provider with: a path in, JSON out, its numbers by their digits."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any, TypeVar
from urllib.parse import quote
from weakref import ref

import httpx
import msgspec

from execution.columns import ColumnSet
from execution.lazy import LazyObject
from execution.rows import RowList, RowsAndContext
from providers.account import AccountRef
from providers.deadline import current_deadline
from providers.errors import NotFound, Unintelligible
from providers.settings import AccountSettings

from .http import HttpExchange
from .rate_limit import TokenBucket
from .recording import RecordedResponse, recording
from .resilience import ResilientCaller

L = TypeVar("L", bound=LazyObject)

MAX_DEPTH = 200  # of a body, so that nothing that walks it, or writes it down, runs out of stack
_MAX_PREPARED_REQUESTS = 1_000  # calls of one account that are kept, and made again as they are
_decoder = msgspec.json.Decoder(float_hook=str.strip)  # which gives digits back as they are, as str does, but sooner
_negative_zero = re.compile(rb"-0(?![0-9A-Za-z.])(?<![0-9A-Za-z]-0)")  # not the one in a UUID
_NESTED = {dict, list}
_SHORT_BODY = 64 * 1024  # bytes of a body of which a copy takes no time


class PreparedRequest(msgspec.Struct):
    """One that can be made again and again: its name, path and query, what is sent, and what its last answer became."""

    name: str
    request: httpx.Request
    last_rows: Callable[[], RowList[Any] | None] = lambda: None


class ApiResponse:
    """A 2xx answer, and when it was read."""

    def __init__(self, answered: RecordedResponse, owner: AccountRef, call: PreparedRequest) -> None:
        self.status, self.observed_at = answered.status, answered.observed_at
        self._body, self._owner, self._call = answered.body, owner, call

    @cached_property
    def body(self) -> Any:
        """Decoded, floats as the text of their digits; raises Unintelligible."""
        return _decode(self._body, self._owner)

    @property
    def digest(self) -> int:
        """Of the body, to the byte; of no use in another process."""
        return hash(self._body)

    def rows_if_changed(self, makers: ColumnSet[L], rows: Callable[[Any], RowsAndContext]) -> RowList[L]:
        """What is made of the body; while anybody has what was made of the last one, and it is the same, that."""
        body, owner, made = self._body, self._owner, self._call.last_rows()
        if made is None or made.body != body:
            made = RowList(makers, lambda: rows(_decode(body, owner)), body)
            self._call.last_rows = ref(made)
        return made


class ApiClient:
    """One account's way to its provider: every call has a deadline, the answering request's own."""

    def __init__(
        self, settings: AccountSettings, transport: httpx.AsyncBaseTransport, limit: TokenBucket | None = None
    ) -> None:
        self._owner, self._base_url = settings.owner, settings.base_url
        self._http = HttpExchange(settings, transport)
        self._calls = ResilientCaller(settings, self._http, limit)
        self._call = lru_cache(_MAX_PREPARED_REQUESTS)(self._prepared)

    async def get(self, *path: str, **query: str | int | None) -> ApiResponse:
        """GET `path`, each segment percent-encoded; raises a ProviderError for all but a 2xx.

        From the tape, where one is played; else from the provider, and onto the tape where one records.
        """
        call, playing = self._call(path, *query.items()), recording.get()
        answered = playing.find(call.name) if playing else None
        if answered is None:
            answered = await self._asked(call)
            if playing is not None:
                playing.record(answered)
        if answered.status == httpx.codes.NOT_FOUND:
            raise NotFound(self._owner)
        return ApiResponse(answered, self._owner, call)

    def _prepared(self, path: tuple[str, ...], *query: tuple[str, str | int | None]) -> PreparedRequest:
        way = "".join(f"/{quote(segment, safe='')}" for segment in path)
        params = {key: str(value) for key, value in query if value is not None}
        return PreparedRequest(f"{way} {sorted(params.items())}", self._http.request(self._base_url + way, params))

    async def _asked(self, call: PreparedRequest) -> RecordedResponse:
        try:
            exchange = await self._calls.get(call.request, current_deadline())
        except NotFound:
            return RecordedResponse(call.name, httpx.codes.NOT_FOUND, b"", datetime.now(UTC))
        return RecordedResponse(call.name, exchange.status, exchange.body, datetime.now(UTC))


def _decode(body: bytes, owner: AccountRef) -> Any:
    try:
        decoded = _decoder.decode(body)
        # It drops the sign, which raw must show; json keeps it, but takes more for JSON than there is.
        if b"-0" in body and _negative_zero.search(body):
            decoded = json.loads(body, parse_float=str, parse_int=str)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise Unintelligible(owner, "it is not JSON") from None
    if _may_be_deep(body) and _too_deep(decoded):
        raise Unintelligible(owner, "it is nested too deeply")
    return decoded


def _may_be_deep(body: bytes) -> bool:
    """Whether it has as many objects and lists as are too many if each is in another."""
    if len(body) > _SHORT_BODY:
        return True
    return 2 * len(body) - len(body.replace(b"{", b"")) - len(body.replace(b"[", b"")) > MAX_DEPTH


def _too_deep(value: object) -> bool:
    """Whether objects and lists are nested beyond the bound."""
    level: list[Any] = [[value]]
    for _ in range(MAX_DEPTH + 1):
        level = [
            child
            for item in level
            for child in (item.values() if type(item) is dict else item)
            if type(child) in _NESTED
        ]
        if not level:
            return False
    return True
