"""The response to a GraphQL request, and the error responses: content, JSON bytes and HTTP status."""

import json
import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSyntaxError

from execution.errors import ErrorCode
from execution.turns import Work, give_back
from resolvers.outcomes import RequestOutcomes
from schema.coverage import FailureCode
from server.access.errors import KeysUnavailable, Unauthenticated

from .admission import RetryLater
from .errors import format_errors
from .request import BadRequestError

JsonObject = dict[str, Any]
CacheKey = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class GraphQLResponse:
    """The response to one operation, or the responses to a batch.

    `content` has one of three forms:

    - a dict: the response object of one operation, not serialized yet;
    - a list: the contents of a batch's responses, in the order of its operations. Each is a dict or a fragment;
    - an `orjson.Fragment`: the response object of one operation as JSON bytes, serialized for the response cache.
    """

    content: JsonObject | list[Any] | orjson.Fragment
    status: int = 200  # of HTTP
    outcomes: RequestOutcomes | None = None  # None if it has errors, was not executed, or is a batch
    encoded: dict[str, bytes] = field(default_factory=dict)  # compressed bodies by content coding
    body: bytes | None = None  # the content as JSON; None until `body_bytes` is called
    retry_after: int | None = None  # seconds for the header Retry-After
    operation_name: str | None = None  # of the operation that was executed

    @property
    def was_executed(self) -> bool:
        """Whether an operation was executed: then GraphQL's response has `data`. A batch always counts as executed."""
        return not isinstance(self.content, dict) or "data" in self.content

    @property
    def payload(self) -> JsonObject:
        """The response object of the operation. A batch has none: `{}`."""
        content = orjson.loads(self.body_bytes()) if isinstance(self.content, orjson.Fragment) else self.content
        return content if isinstance(content, dict) else {}

    def body_bytes(self) -> bytes:
        """Return the content as JSON. It is serialized once for all clients that get this response."""
        if self.body is None:
            object.__setattr__(self, "body", dump_json(self.content))
        return self.body or b""

    def check_size(self, max_bytes: int, *, in_turns: bool = False) -> "GraphQLResponse":
        """Return the response. Raises ResponseTooLarge if its JSON is longer than this.

        `in_turns`: serialize it part by part.
        """
        if in_turns and self.body is None:
            object.__setattr__(self, "body", dump_json(PartSerializer(max_bytes).serialize(self.content)))
        if len(self.body_bytes()) > max_bytes:
            raise ResponseTooLarge(max_bytes)
        return self

    def to_cacheable(self) -> "GraphQLResponse":
        """Return the same response as a fragment, so that it is never serialized again."""
        body = self.body_bytes()
        return GraphQLResponse(
            orjson.Fragment(body), self.status, self.outcomes, body=body, operation_name=self.operation_name
        )


def dump_json(content: object) -> bytes:
    try:
        return orjson.dumps(content)
    except orjson.JSONEncodeError:  # a provider's raw object has a lone surrogate or is nested deeply
        return json.dumps(content, default=lambda fragment: json.loads(orjson.dumps(fragment))).encode()


class PartSerializer:
    """Serializes a response part by part, and gives the event loop back between two. A part is an element of a list.

    It stops at the first part that exceeds the bound.
    """

    def __init__(self, max_bytes: int = sys.maxsize) -> None:
        self._max_bytes = self._left = max_bytes

    def serialize(self, value: object, levels: int = 4) -> Any:
        """Return the value with fragments instead of its parts. Raises ResponseTooLarge."""
        if value.__class__ is dict and levels:
            return {name: self.serialize(member, levels - 1) for name, member in value.items()}
        return [*map(self._fragment, value)] if value.__class__ is list else self._fragment(value)

    def _fragment(self, value: object) -> orjson.Fragment:
        give_back()
        json = dump_json(value)
        self._left -= len(json)
        if self._left < 0:
            raise ResponseTooLarge(self._max_bytes)
        return orjson.Fragment(json)


async def serialize_part(part: JsonObject, work: Work | None) -> bytes:
    """Return a part of a stream as JSON. It is serialized in the turns of its operation."""
    if work is None:
        return dump_json(part)
    json: bytes = await work.run(lambda: dump_json(PartSerializer().serialize(part)))
    return json


class DeadlineExceeded(GraphQLError):
    """An operation, or a part of it, was not complete at its deadline.

    Marks the pending accounts in `outcomes` as timed out. `coverage` is the extension that names all accounts.
    """

    def __init__(self, outcomes: RequestOutcomes) -> None:
        code = FailureCode.TIMED_OUT.name
        message = "The response was not complete at the deadline. Retry, or request less at once."
        super().__init__(message, extensions={"code": code})
        outcomes.mark_timed_out()
        self.coverage = coverage_extension(outcomes)


class ResponseTooLarge(GraphQLError):
    """A response, or the responses of a batch up to this one, are longer than the bound."""

    def __init__(self, max_bytes: int) -> None:
        message = f"The response is longer than {max_bytes:,} bytes. Request fewer fields, or smaller pages."
        super().__init__(message, extensions={"code": ErrorCode.BAD_USER_INPUT})


def coverage_extension(outcomes: RequestOutcomes) -> JsonObject:
    """Return `extensions` with an entry for each account in `coverage`, the warnings, and whether data is simulated.

    Returns `{}` if there is nothing to say: no account was involved, no warning given, and no account is a sandbox.
    """
    parts: JsonObject = {"coverage": outcomes.entries(), "warnings": outcomes.warnings} | sandbox_mark(outcomes)
    extensions = {name: entries for name, entries in parts.items() if entries}
    return {"extensions": extensions} if extensions else {}


def sandbox_mark(outcomes: RequestOutcomes) -> JsonObject:
    """Return the member of `extensions` that marks an answer to a caller who sees a sandbox account."""
    return {"sandbox": True} if outcomes.has_sandbox else {}


def error_payload(message: str, code: str) -> JsonObject:
    """Return the response object of a request that was not executed."""
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def error_response(error: Exception, request_id: str) -> GraphQLResponse:
    """Return the response for an exception that ended an operation. An unexpected one is masked, with status 500."""
    match error:
        case BadRequestError() | Unauthenticated():
            return GraphQLResponse(error_payload(str(error), error.code), error.status)
        case KeysUnavailable():
            return GraphQLResponse(error_payload(str(error), error.code), error.status, retry_after=error.retry_after)
        case GraphQLSyntaxError():
            return GraphQLResponse(result_payload(None, [error], request_id))
        case DeadlineExceeded() | ResponseTooLarge():
            coverage = error.coverage if isinstance(error, DeadlineExceeded) else {}
            return GraphQLResponse({"data": None, **result_payload(None, [error], request_id), **coverage})
        case RetryLater():
            payload = error_payload(str(error), error.code.name)
            return GraphQLResponse(payload, error.status, retry_after=error.retry_after)
        case _:
            return GraphQLResponse(result_payload(None, [GraphQLError("", original_error=error)], request_id), 500)


def error_response_payload(error: Exception, request_id: str) -> JsonObject:
    """Return the response object for an exception, without a status: a part of a stream has none."""
    return error_response(error, request_id).payload


def result_payload(data: Any, errors: Collection[GraphQLError], request_id: str) -> JsonObject:
    """Return the response object of an execution result. It has `data` if an operation was executed."""
    if not errors:
        return {"data": data}
    formatted_errors = format_errors(errors, request_id)
    was_executed = data is not None or any("path" in error for error in formatted_errors)
    return {"errors": formatted_errors, "data": data} if was_executed else {"errors": formatted_errors}
