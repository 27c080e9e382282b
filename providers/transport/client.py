"""The client of a source: it takes a path and returns decoded JSON, with numbers as the text of their digits."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote
from weakref import ref

import msgspec

from execution.columns import ColumnSet
from execution.lazy import LazyObject
from execution.rows import RowList, RowsAndContext
from providers.account import AccountRef
from providers.call import CallContext
from providers.errors import NotFound, Unintelligible
from providers.recording import RecordedResponse
from providers.settings import AccountSettings

from .carrier import Carrier, CarrierRequest
from .http import HttpExchange
from .rate_limit import TokenBucket
from .resilience import ResilientCaller

L = TypeVar("L", bound=LazyObject)

MAX_DEPTH = 200  # nested objects and lists of a body, so that no code that walks or serializes it exhausts the stack
_MAX_PREPARED_REQUESTS = 1_000  # per account; a repeated call reuses its request object
_decoder = msgspec.json.Decoder(float_hook=str.strip)  # returns the digits unchanged, as `str` does, but is faster
_negative_zero = re.compile(rb"-0(?![0-9A-Za-z.])(?<![0-9A-Za-z]-0)")  # not the one in a UUID
_CONTAINERS = {dict, list}
_SHORT_BODY = 64 * 1024  # bytes; copying a body of this length takes negligible time


class PreparedRequest(msgspec.Struct):
    """A request that can be sent repeatedly. `name` is its path and query.

    `last_rows` is a weak reference to the rows of its last response, and returns None if there are none.
    """

    name: str
    http_request: CarrierRequest
    last_rows: Callable[[], RowList[Any] | None] = lambda: None


class ApiResponse:
    """A 2xx response. `observed_at` is when it was received from the provider."""

    def __init__(self, response: RecordedResponse, account_ref: AccountRef, request: PreparedRequest) -> None:
        self.status, self.observed_at = response.status, response.observed_at
        self._body, self._account_ref, self._request = response.body, account_ref, request

    @cached_property
    def body(self) -> Any:
        """The decoded JSON. Floats are the text of their digits. Raises Unintelligible if it cannot be decoded."""
        return _decode(self._body, self._account_ref)

    @property
    def digest(self) -> int:
        """A hash of the exact bytes of the body. It is salted per process, so compare it only within one process."""
        return hash(self._body)

    def rows_if_changed(self, columns: ColumnSet[L], rows: Callable[[Any], RowsAndContext]) -> RowList[L]:
        """Return the row list of the body. `rows` translates the decoded body to rows and their context.

        Returns the list of the last response to the same request if its body is identical and the list is still
        referenced somewhere.
        """
        body, account_ref, row_list = self._body, self._account_ref, self._request.last_rows()
        if row_list is None or row_list.body != body:
            row_list = RowList(columns, lambda: rows(_decode(body, account_ref)), body)
            self._request.last_rows = ref(row_list)
        return row_list


class ApiClient:
    """The client of one account."""

    def __init__(self, settings: AccountSettings, carrier: Carrier, limit: TokenBucket | None = None) -> None:
        self._account_ref, self._base_url = settings.account_ref, settings.base_url
        self._http = HttpExchange(settings, carrier)
        self._caller = ResilientCaller(settings, self._http, limit)
        self._prepared_request = lru_cache(_MAX_PREPARED_REQUESTS)(self._prepare)

    async def get(self, *path: str, call: CallContext, **query: str | int | None) -> ApiResponse:
        """GET `path`, whose segments are percent-encoded here. Query parameters that are None are omitted.

        Raises a ProviderError for any status but 2xx, NotFound for 404. If the call has a recording, a response in it
        is returned without a request, and a new response is added to it.
        """
        request, recording = self._prepared_request(path, *query.items()), call.recording
        response = recording.find(request.name) if recording else None
        if response is None:
            response = await self._fetch(request, call.deadline)
            if recording is not None:
                recording.record(response)
        if response.status == HTTPStatus.NOT_FOUND:
            raise NotFound(self._account_ref)
        return ApiResponse(response, self._account_ref, request)

    def _prepare(self, path: tuple[str, ...], *query: tuple[str, str | int | None]) -> PreparedRequest:
        url_path = "".join(f"/{quote(segment, safe='')}" for segment in path)
        params = {key: str(value) for key, value in query if value is not None}
        return PreparedRequest(
            f"{url_path} {sorted(params.items())}", self._http.request(self._base_url + url_path, params)
        )

    async def _fetch(self, request: PreparedRequest, deadline: float) -> RecordedResponse:
        try:
            response = await self._caller.get(request.http_request, deadline)
        except NotFound:
            return RecordedResponse(request.name, HTTPStatus.NOT_FOUND, b"", datetime.now(UTC))
        return RecordedResponse(request.name, response.status, response.body, datetime.now(UTC))


def _decode(body: bytes, account_ref: AccountRef) -> Any:
    try:
        decoded = _decoder.decode(body)
        # msgspec drops the sign of -0, which the field raw must show. json keeps it, but accepts more than JSON, so
        # msgspec decodes first.
        if b"-0" in body and _negative_zero.search(body):
            decoded = json.loads(body, parse_float=str, parse_int=str)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise Unintelligible(account_ref, "it is not JSON") from None
    if _may_be_deep(body) and _is_too_deep(decoded):
        raise Unintelligible(account_ref, "it is nested too deeply")
    return decoded


def _may_be_deep(body: bytes) -> bool:
    """Whether the body is long, or has so many opening brackets that nesting could exceed MAX_DEPTH."""
    if len(body) > _SHORT_BODY:
        return True
    return 2 * len(body) - len(body.replace(b"{", b"")) - len(body.replace(b"[", b"")) > MAX_DEPTH


def _is_too_deep(value: object) -> bool:
    """Whether objects and lists are nested deeper than MAX_DEPTH."""
    level: list[Any] = [[value]]
    for _ in range(MAX_DEPTH + 1):
        level = [
            child
            for item in level
            for child in (item.values() if type(item) is dict else item)
            if type(child) in _CONTAINERS
        ]
        if not level:
            return False
    return True
