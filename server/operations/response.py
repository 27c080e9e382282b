"""What a request comes to: an answer to write down, with the status that HTTP has for it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSyntaxError

from resolvers.outcomes import Ledger
from schema.coverage import FailureCode

from .admission import Busy
from .errors import present
from .request import BadRequestError

Members = dict[str, Any]
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One operation's answer, or those of a batch in the order asked; as a fragment it has been written before."""

    content: Members | list[Any] | orjson.Fragment
    status: int = 200
    ledger: Ledger | None = None  # whom it asked, where all of it was answered
    packed: dict[str, bytes] = field(default_factory=dict)  # by its coding, where it is kept
    body: bytes | None = None  # as it was written
    key: Key | None = None  # by which it is kept

    @property
    def ran(self) -> bool:
        """Whether anything was executed: GraphQL says so by `data`. A batch always counts as run."""
        return not isinstance(self.content, dict) or "data" in self.content

    @property
    def is_kept(self) -> bool:
        """Whether it was written before."""
        return isinstance(self.content, orjson.Fragment)

    @property
    def members(self) -> Members:
        """Of the one answer that it is; a batch has none."""
        content = orjson.loads(self.written()) if isinstance(self.content, orjson.Fragment) else self.content
        return content if isinstance(content, dict) else {}

    def written(self) -> bytes:
        """As it goes out, written once for all who are given it."""
        if self.body is None:
            object.__setattr__(self, "body", _written(self.content))
        return self.body or b""

    def kept(self, key: Key) -> "Answer":
        """The same, written once and for all."""
        body = self.written()
        return Answer(orjson.Fragment(body), self.status, self.ledger, body=body, key=key)


def _written(content: object) -> bytes:
    try:
        return orjson.dumps(content)
    except orjson.JSONEncodeError:  # a lone surrogate, or deep nesting, in a provider's raw object
        return json.dumps(content, default=lambda fragment: json.loads(orjson.dumps(fragment))).encode()


class Late(GraphQLError):
    """An operation, or a part of it, was not done within the deadline; whom it had asked is said all the same."""

    def __init__(self, ledger: Ledger) -> None:
        code = FailureCode.TIMED_OUT.name
        super().__init__("The answer was not ready within the deadline.", extensions={"code": code})
        ledger.late()
        self.coverage = covered(ledger)


def covered(ledger: Ledger) -> Members:
    """What an answer says of the accounts that were asked; nothing where none was."""
    entries = ledger.entries()
    return {"extensions": {"coverage": entries}} if entries else {}


def refusal(message: str, code: str) -> Members:
    """The answer to what was not run."""
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def unanswered(error: Exception, request_id: str) -> Answer:
    """What stands in place of the answer that an exception prevented."""
    match error:
        case BadRequestError():
            return Answer(refusal(str(error), error.code), error.status)
        case GraphQLSyntaxError():
            return Answer(shown(None, [error], request_id))
        case Late():
            return Answer({"data": None, **shown(None, [error], request_id), **error.coverage})
        case Busy():
            return Answer(refusal("The service is busy: ask again in a moment.", FailureCode.UNAVAILABLE.name), 503)
        case _:
            return Answer(shown(None, [GraphQLError("", original_error=error)], request_id), 500)


def told(error: Exception, request_id: str) -> Members:
    """The same where one of several answers of an operation is told, and there is no status."""
    return unanswered(error, request_id).members


def shown(data: Any, errors: Iterable[GraphQLError], request_id: str) -> Members:
    """The members of an answer: `data` is there whenever something was executed."""
    found = [present(error, request_id) for error in errors]
    if not found:
        return {"data": data}
    executed = data is not None or any("path" in error for error in found)
    return {"errors": found, "data": data} if executed else {"errors": found}
