"""GraphQL requests over HTTP, read within a deadline and a size limit."""

import asyncio
import re
from secrets import token_hex
from typing import Any

import msgspec
from starlette.datastructures import QueryParams
from starlette.types import Receive, Scope

from server.access.caller import ANONYMOUS, Caller
from server.access.credentials import Credentials
from server.operations.operation import OperationRequest
from server.operations.request import (
    MAX_BODY_BYTES,
    BadRequestError,
    Batch,
    GraphQLRequest,
    check_json_depth,
    parse_batch,
    parse_request,
)

from .tracing import TRACE, RequestTrace

_CODINGS = re.compile(r"[A-Za-z0-9_.-]+(, ?[A-Za-z0-9_.-]+){0,9}")  # names that an error may repeat
# A page of another site can send these without a preflight request, by a form or an image.
_SIMPLE_TYPES = {"", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
_PREFLIGHT_HEADERS = b"apollo-require-preflight", b"x-apollo-operation-name", b"graphql-require-preflight"
_OWN_SITES = {"same-origin", "none"}  # a page of this service, or no page: browsers say so in Sec-Fetch-Site
_NO_PREFLIGHT = (
    "A GET request with a query could come from any web page. Send the header graphql-require-preflight: 1 with it, "
    "or use POST."
)
_WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class HttpRequest:
    """One request to the endpoint.

    Its id, by which the log can be searched, is the client's own if that is well-formed, else a new one.
    """

    __slots__ = (
        "_headers",
        "_query_string",
        "accept",
        "caller",
        "credentials",
        "id",
        "method",
        "operation",
        "receive",
        "trace",
    )

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.method: str = scope["method"]
        self._query_string: bytes = scope["query_string"]
        self._headers, self.receive = _read_headers(scope["headers"]), receive
        self.credentials = Credentials.of_scope(scope)
        self.caller: Caller = ANONYMOUS  # until it is authenticated
        self.operation: OperationRequest | None = None  # unless it is a batch, once the body has been read
        self.trace: RequestTrace | None = scope.get(TRACE)
        self.accept = self.header(b"accept")
        client_id = self.header(b"x-request-id")
        self.id = client_id if client_id and _WELL_FORMED_ID.fullmatch(client_id) else token_hex(16)

    def header(self, name: bytes) -> str:
        """Return a header by its lower-case name. Returns an empty string if there is none."""
        return self._headers.get(name, b"").decode("latin-1")

    @property
    def has_no_cache(self) -> bool:
        """Whether the client asks for fresh data."""
        directives = self.header(b"cache-control").lower()
        return "no-cache" in directives and "no-cache" in map(str.strip, directives.split(","))

    @property
    def wants_cost(self) -> bool:
        """Whether the client asks for the cost of its operation."""
        return self._headers.get(b"graphql-cost", b"").strip().lower() == b"report"

    async def read(self, deadline: float) -> GraphQLRequest | Batch:
        """Return the operation or the batch.

        Raises BadRequestError if it is invalid, or if its body has not arrived by `deadline` on the event loop's clock.
        """
        if self.method == "GET":
            request = _from_query(QueryParams(self._query_string))
            if request.query is not None and not self.is_from_own_site():
                raise BadRequestError(_NO_PREFLIGHT)
            return request
        if self._media_type != "application/json":
            raise BadRequestError(
                "The Content-Type of the request is not supported. Send the operation as application/json.", 415
            )
        _check_encoding(self.header(b"content-encoding"))
        body = check_json_depth(await self._read_body(deadline))
        return parse_batch(body) if body.lstrip().startswith(b"[") else parse_request(body)

    @property
    def _media_type(self) -> str:
        return self.header(b"content-type").partition(";")[0].strip().lower()

    def is_from_own_site(self) -> bool:
        """Return whether no page of another site can have sent this request without a preflight request."""
        return (
            self._media_type not in _SIMPLE_TYPES
            or any(self._headers.get(name) for name in _PREFLIGHT_HEADERS)
            or self.header(b"sec-fetch-site") in _OWN_SITES
        )

    async def _read_body(self, deadline: float) -> bytes:
        body, has_more = bytearray(), True
        try:
            async with asyncio.timeout_at(deadline):
                while has_more:
                    message = await self.receive()
                    if message["type"] == "http.disconnect":
                        raise BadRequestError(
                            "The client disconnected before the request body was complete. Send the request again."
                        )
                    body += message.get("body", b"")
                    has_more = message.get("more_body", False)
                    if len(body) > MAX_BODY_BYTES:
                        raise BadRequestError(
                            f"The request body is longer than {MAX_BODY_BYTES:,} bytes. Send a shorter one.", 413
                        )
        except TimeoutError:
            raise BadRequestError(
                "The request body did not arrive before the deadline. Send the request again.", 408
            ) from None
        return bytes(body)


def _read_headers(pairs: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return the headers by name. The values of a repeated header are joined by a comma."""
    headers = dict(pairs)
    if len(headers) == len(pairs):
        return headers
    return {name: b",".join(value for other, value in pairs if other == name) for name in headers}


def _check_encoding(content_encoding: str) -> None:
    """Raise BadRequestError if the body is compressed: a few bytes could expand to gigabytes."""
    if any(coding.strip().lower() not in {"", "identity"} for coding in content_encoding.split(",")):
        name = f" {content_encoding}" if _CODINGS.fullmatch(content_encoding) else ""
        raise BadRequestError(f"The request body has the Content-Encoding{name}. Send it without compression.", 415)


def _from_query(parameters: QueryParams) -> GraphQLRequest:
    """Return the operation in the URL parameters of a GET request."""
    return GraphQLRequest(
        query=parameters.get("query"),
        variables=_json_parameter(parameters, "variables"),
        operation_name=parameters.get("operationName"),
        extensions=_json_parameter(parameters, "extensions"),
        document_id=parameters.get("documentId"),
        id=parameters.get("id"),
        doc_id=parameters.get("doc_id"),
    )


def _json_parameter(parameters: QueryParams, name: str) -> dict[str, Any] | None:
    """Return a URL parameter that is a JSON object, or None if it is missing or empty."""
    text = parameters.get(name)
    if not text:
        return None
    try:
        return msgspec.json.decode(check_json_depth(text.encode()), type=dict[str, Any] | None)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadRequestError(f"The URL parameter {name} must be a JSON object.") from None
