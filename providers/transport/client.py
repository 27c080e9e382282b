"""The client of a source: it takes a path and returns decoded JSON, with numbers as the text of their digits."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote
from weakref import ref

import msgspec

from execution.columns import ColumnSet
from execution.lazy import LazyObject
from execution.rows import RowList, RowsAndContext, SerializedList, serialize_body
from execution.turns import Work
from providers.account import AccountRef
from providers.call import CallContext
from providers.errors import NotFound
from providers.observer import UNOBSERVED, CallObserver
from providers.recording import RecordedResponse
from providers.settings import AccountSettings
from schema.invoice import ReceivedBody

from . import json_body
from .carrier import Carrier, CarrierRequest
from .http import HttpExchange
from .long_body import LONG_BODY, LongBody
from .rate_limit import TokenBucket
from .resilience import Requester, ResilientCaller

L = TypeVar("L", bound=LazyObject)

_MAX_PREPARED_REQUESTS = 256  # of each account: each takes about 2 KB


class PreparedRequest(msgspec.Struct):
    """A request that can be sent repeatedly. `name` is its path and query.

    `last_rows` is a weak reference to the rows of its last response, and returns None if there are none.
    """

    name: str
    http_request: CarrierRequest
    last_rows: Callable[[], RowList[Any] | None] = lambda: None


class ApiResponse:
    """A 2xx response. `observed_at` is when it was received from the provider.

    `call` has the serializers of its list, if it is one, and the work that its decoding and translation belong to.
    """

    def __init__(
        self,
        response: RecordedResponse,
        account_ref: AccountRef,
        request: PreparedRequest,
        call: CallContext,
    ) -> None:
        self.status, self.observed_at = response.status, response.observed_at
        self._body, self._account_ref, self._request = response.body, account_ref, request
        self._serializers, self.work = call.serializers, call.work or Work()

    @cached_property
    def body(self) -> Any:
        """The decoded JSON. Floats are the text of their digits. Raises Unintelligible if it cannot be decoded."""
        return json_body.decode(self._body, self._account_ref)

    async def decode_in_steps(self, rows_at: Sequence[str] | None) -> None:
        """Decode a long body, and let other tasks run meanwhile. Raises Unintelligible if it cannot be decoded.

        `rows_at`: the keys of a list in the body, which becomes LongRows.
        """
        body = LongBody(self._body, self._account_ref, self.work)
        self.received = await body.measure()
        self.body = await body.decode(rows_at)

    @cached_property
    def received(self) -> ReceivedBody:
        """Facts about the exact bytes of the body."""
        return ReceivedBody(hash(self._body), json_body.estimate_memory(self._body))

    def rows_if_changed(
        self, columns: ColumnSet[L], rows: Callable[[Any], RowsAndContext], context: object = None
    ) -> RowList[L]:
        """Return the row list of the body. `rows` translates the decoded body to rows and their context.

        Returns the list of the last response to the same request if its body is identical and the list is still
        referenced somewhere. With a `context` for a list without rows, a body that is the list itself may be serialized
        without being decoded to rows.
        """
        body, account_ref, row_list = self._body, self._account_ref, self._request.last_rows()
        decoded = [self.__dict__.pop("body")] if "body" in self.__dict__ else []  # for the first read only
        if row_list is None or row_list.body != body:
            serialized = None if context is None else self._serialize(columns, context)
            row_list = RowList(
                columns,
                lambda: rows(decoded.pop() if decoded else json_body.decode(body, account_ref)),
                body,
                serialized,
            )
            self._request.last_rows = ref(row_list)
        return row_list

    def _serialize(self, columns: ColumnSet[L], context: object) -> SerializedList | None:
        """Serialize the list from the body. Returns None if that needs rows, or if only decoding can tell."""
        serialized = serialize_body(self._body, columns, context, self._serializers)
        if serialized is None or not json_body.is_decodable(self._body, serialized.sibling_objects):
            return None
        return serialized


class ApiClient:
    """The client of one account."""

    def __init__(
        self,
        settings: AccountSettings,
        carrier: Carrier,
        limit: TokenBucket | None = None,
        observer: CallObserver = UNOBSERVED,
    ) -> None:
        self._account_ref, self._base_url = settings.account_ref, settings.base_url
        self._http = HttpExchange(settings, carrier)
        self._caller = ResilientCaller(settings, self._http, limit, observer)
        self._prepared_request = lru_cache(_MAX_PREPARED_REQUESTS)(self._prepare)

    @property
    def has_succeeded(self) -> bool:
        """Whether a call has succeeded since the start. Until then a 404 may mean that the key is refused."""
        return self._caller.has_succeeded

    async def get(
        self, *path: str, call: CallContext, rows_at: Sequence[str] | None = None, **query: str | int | None
    ) -> ApiResponse:
        """GET `path`, whose segments are percent-encoded here. Query parameters that are None are omitted.

        `rows_at`: the keys of a list in the body that `read_page` reads. If the body is long, the list is not decoded.

        Raises a ProviderError for any status but 2xx, NotFound for 404. If the call has a recording, a response in it
        is returned without a request, and a new response is added to it.
        """
        request, recording = self._prepared_request(path, *query.items()), call.recording
        response = recording.find(request.name) if recording else None
        if response is None:
            response = await self._fetch(request, call)
            if recording is not None:
                recording.record(response)
        if response.status == HTTPStatus.NOT_FOUND:
            raise NotFound(self._account_ref)
        api_response = ApiResponse(response, self._account_ref, request, call)
        if len(response.body) > LONG_BODY:
            await api_response.decode_in_steps(rows_at)
        return api_response

    def _prepare(self, path: tuple[str, ...], *query: tuple[str, str | int | None]) -> PreparedRequest:
        url_path = "".join(f"/{quote(segment, safe='')}" for segment in path)
        params = {key: str(value) for key, value in query if value is not None}
        return PreparedRequest(
            f"{url_path} {sorted(params.items())}", self._http.request(self._base_url + url_path, params)
        )

    async def _fetch(self, request: PreparedRequest, call: CallContext) -> RecordedResponse:
        try:
            response = await self._caller.get(
                request.http_request, call.deadline, Requester(call.caller, call.work), call.trace
            )
        except NotFound:
            return RecordedResponse(request.name, HTTPStatus.NOT_FOUND, b"", datetime.now(UTC))
        return RecordedResponse(request.name, response.status, response.body, datetime.now(UTC))
