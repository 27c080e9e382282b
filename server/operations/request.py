"""GraphQL requests, decoded from JSON."""

import re
from typing import Any

import msgspec

from execution.errors import ErrorCode

MAX_BODY_BYTES = 100_000  # bytes of a request
MAX_JSON_DEPTH = 100  # levels of objects and arrays within each other
MAX_BATCH_SIZE = 10  # operations in one batch
_EXAMPLE = '{"query": "{ providers { id } }", "variables": {}, "operationName": null}'
_NOT_A_REQUEST = (
    f"The request is not a GraphQL request in JSON. Send one object such as {_EXAMPLE}, or an array of them."
)
# An unterminated string matches too, so that its bytes are scanned only once.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_AS_ARRAYS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class BadRequestError(Exception):
    """The request has no operation that can be run. The message says why."""

    def __init__(self, message: str, status: int = 400, code: ErrorCode = ErrorCode.BAD_USER_INPUT) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class GraphQLRequest(msgspec.Struct, rename="camel"):
    """The parameters of a GraphQL request, as in its JSON body. Other members of the body are ignored."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None
    document_id: Any = None  # of a document in a manifest, as the draft for persisted documents names it
    id: Any = None  # the same, as clients of Relay name it
    doc_id: Any = msgspec.field(default=None, name="doc_id")  # the same, as older clients of Relay name it


Batch = list[GraphQLRequest | BadRequestError]


def parse_request(body: bytes | msgspec.Raw) -> GraphQLRequest:
    """Decode one request. Raises BadRequestError if the body is not a JSON object with valid parameters."""
    try:
        return msgspec.json.decode(body, type=GraphQLRequest)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadRequestError(_NOT_A_REQUEST) from None


def parse_batch(body: bytes) -> Batch:
    """Decode the requests of a batch. An element that cannot be decoded is its error, and affects no other.

    Raises BadRequestError if the body is not a JSON array, or has too many or no elements.
    """
    try:
        elements = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, ValueError):
        raise BadRequestError(_NOT_A_REQUEST) from None
    if not 1 <= len(elements) <= MAX_BATCH_SIZE:
        raise BadRequestError(
            f"A batch must have 1 to {MAX_BATCH_SIZE} operations, but this one has {len(elements):,}."
        )
    return [_parse_element(element) for element in elements]


def _parse_element(element: msgspec.Raw) -> GraphQLRequest | BadRequestError:
    try:
        return parse_request(element)
    except BadRequestError as error:
        return error


def check_json_depth(text: bytes) -> bytes:
    """Return the JSON unchanged. Raises BadRequestError if it is nested deeper than MAX_JSON_DEPTH levels.

    The text is scanned only if it has more than MAX_JSON_DEPTH opening brackets.
    """
    if text.count(b"[") + text.count(b"{") > MAX_JSON_DEPTH:
        brackets = _STRING.sub(b"", text).translate(_AS_ARRAYS, _NO_BRACKETS)
        for _ in range(MAX_JSON_DEPTH):  # each round removes the innermost level; this is faster than a scan in Python
            length, brackets = len(brackets), brackets.replace(b"[]", b"")
            if len(brackets) == length:
                break
        if brackets.count(b"[") > MAX_JSON_DEPTH or b"[]" in brackets:
            raise BadRequestError(f"The JSON of the request is nested deeper than {MAX_JSON_DEPTH} levels.")
    return text
