"""GraphQL requests: their parameters, decoded from JSON, or refused with a sentence."""

import re
from typing import Any

import msgspec

from execution.errors import ErrorCode

MAX_BODY = 100_000  # bytes of a request
MAX_JSON_DEPTH = 100  # of JSON in JSON
MAX_BATCH_SIZE = 10  # in one batch
_EXAMPLE = '{"query": "{ providers { id } }", "variables": {}, "operationName": null}'
# A text that never ends is one token too, so that nothing is read twice.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


class BadRequestError(Exception):
    """The HTTP request holds no operation that can be run; the message says why."""

    def __init__(self, message: str, status: int = 400, code: ErrorCode = ErrorCode.BAD_USER_INPUT) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class GraphQLRequest(msgspec.Struct, rename="camel"):
    """The parameters of a GraphQL request, as they stand in its JSON body; other members are ignored."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


Batch = list[GraphQLRequest | BadRequestError]


def parse_operation(body: bytes | msgspec.Raw) -> GraphQLRequest:
    try:
        return msgspec.json.decode(body, type=GraphQLRequest)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadRequestError(f"Send one JSON object such as {_EXAMPLE}, or an array of them.") from None


def parse_batch(body: bytes) -> Batch:
    """The operations of a batch, where one that cannot be read takes no other with it."""
    try:
        elements = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, ValueError):
        raise BadRequestError(f"Send one JSON object such as {_EXAMPLE}, or an array of them.") from None
    if not 1 <= len(elements) <= MAX_BATCH_SIZE:
        raise BadRequestError(f"A batch holds 1 to {MAX_BATCH_SIZE} operations; this one holds {len(elements):,}.")
    return [_element(element) for element in elements]


def _element(element: msgspec.Raw) -> GraphQLRequest | BadRequestError:
    try:
        return parse_operation(element)
    except BadRequestError as error:
        return error


def check_json_depth(text: bytes) -> bytes:
    """The same JSON where it is not nested too deeply; only what holds many brackets is looked through."""
    if text.count(b"[") + text.count(b"{") > MAX_JSON_DEPTH:
        level = 0
        for token in _TOKEN.finditer(text):
            level += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(token[0], 0)
            if level > MAX_JSON_DEPTH:
                raise BadRequestError(f"The JSON of the request is nested deeper than {MAX_JSON_DEPTH} levels.")
    return text
