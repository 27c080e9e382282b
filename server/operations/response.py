"""What a request comes to: an answer to write down, with the status that HTTP has for it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSyntaxError

from resolvers.outcomes import RequestOutcomes
from schema.coverage import FailureCode

from .admission import Overloaded
from .errors import format_error
from .request import BadRequestError

JsonObject = dict[str, Any]
CacheKey = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class GraphQLResponse:
    """One operation's answer, or those of a batch in the order asked; as a fragment it has been written before."""

    content: JsonObject | list[Any] | orjson.Fragment
    status: int = 200
    outcomes: RequestOutcomes | None = None  # whom it asked, where all of it was answered
    encoded: dict[str, bytes] = field(default_factory=dict)  # by its coding, where it is kept
    body: bytes | None = None  # as it was written
    key: CacheKey | None = None  # by which it is kept

    @property
    def was_executed(self) -> bool:
        """Whether anything was executed: GraphQL says so by `data`. A batch always counts as run."""
        return not isinstance(self.content, dict) or "data" in self.content

    @property
    def is_cached(self) -> bool:
        """Whether it was written before."""
        return isinstance(self.content, orjson.Fragment)

    @property
    def payload(self) -> JsonObject:
        """Of the one answer that it is; a batch has none."""
        content = orjson.loads(self.body_bytes()) if isinstance(self.content, orjson.Fragment) else self.content
        return content if isinstance(content, dict) else {}

    def body_bytes(self) -> bytes:
        """As it goes out, written once for all who are given it."""
        if self.body is None:
            object.__setattr__(self, "body", dump_json(self.content))
        return self.body or b""

    def cacheable(self, key: CacheKey) -> "GraphQLResponse":
        """The same, written once and for all."""
        body = self.body_bytes()
        return GraphQLResponse(orjson.Fragment(body), self.status, self.outcomes, body=body, key=key)


def dump_json(content: object) -> bytes:
    try:
        return orjson.dumps(content)
    except orjson.JSONEncodeError:  # a lone surrogate, or deep nesting, in a provider's raw object
        return json.dumps(content, default=lambda fragment: json.loads(orjson.dumps(fragment))).encode()


class DeadlineExceeded(GraphQLError):
    """An operation, or a part of it, was not done within the deadline; whom it had asked is said all the same."""

    def __init__(self, ledger: RequestOutcomes) -> None:
        code = FailureCode.TIMED_OUT.name
        super().__init__("The answer was not ready within the deadline.", extensions={"code": code})
        ledger.mark_timed_out()
        self.coverage = coverage_extension(ledger)


def coverage_extension(ledger: RequestOutcomes) -> JsonObject:
    """What an answer says of the accounts that were asked; nothing where none was."""
    entries = ledger.entries()
    return {"extensions": {"coverage": entries}} if entries else {}


def error_payload(message: str, code: str) -> JsonObject:
    """The answer to what was not run."""
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def error_response(error: Exception, request_id: str) -> GraphQLResponse:
    """What stands in place of the answer that an exception prevented."""
    match error:
        case BadRequestError():
            return GraphQLResponse(error_payload(str(error), error.code), error.status)
        case GraphQLSyntaxError():
            return GraphQLResponse(result_payload(None, [error], request_id))
        case DeadlineExceeded():
            return GraphQLResponse({"data": None, **result_payload(None, [error], request_id), **error.coverage})
        case Overloaded():
            return GraphQLResponse(
                error_payload("The service is busy: ask again in a moment.", FailureCode.UNAVAILABLE.name), 503
            )
        case _:
            return GraphQLResponse(result_payload(None, [GraphQLError("", original_error=error)], request_id), 500)


def error_response_payload(error: Exception, request_id: str) -> JsonObject:
    """The same where one of several answers of an operation is told, and there is no status."""
    return error_response(error, request_id).payload


def result_payload(data: Any, errors: Iterable[GraphQLError], request_id: str) -> JsonObject:
    """The members of an answer: `data` is there whenever something was executed."""
    found = [format_error(error, request_id) for error in errors]
    if not found:
        return {"data": data}
    executed = data is not None or any("path" in error for error in found)
    return {"errors": found, "data": data} if executed else {"errors": found}
