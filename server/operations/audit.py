"""The audit log: what callers asked for, and what came of it. Never a query, variable, amount, error text or secret."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Protocol

import structlog
from graphql import GraphQLError, GraphQLSyntaxError

from execution.errors import ErrorCode
from execution.schema import Schema
from schema.coverage import FailureCode

from .admission import Overloaded
from .operation import Answer, OperationRequest
from .response import CacheKey, GraphQLResponse, JsonObject

EVENT = "An operation has ended."
COUNT_SECONDS = 10.0  # seconds over which cached answers are counted
MAX_COUNTS = 200  # lines that wait for their count; beyond, all are written at once
COMPLETE, INCOMPLETE, CANCELLED = "COMPLETE", "INCOMPLETE", "CANCELLED"  # outcomes that are no error code
_log = structlog.get_logger()


@dataclass(slots=True)
class CachedAnswers:
    """Answers from the response cache to one caller and operation."""

    operation: OperationRequest  # the first one
    count: int = 0


@dataclass(frozen=True, slots=True)
class MadeFile:
    """The figures of an exported file: its rows, its bytes, and the seconds until it was complete."""

    rows: int
    size: int
    seconds: float


class OperationObserver(Protocol):
    """Counts operations and exported files."""

    def operation_ended(self, operation: OperationRequest, name: str | None, outcome: str) -> None:
        """An operation has ended. `outcome` is COMPLETE, INCOMPLETE, CANCELLED or an error code."""

    def request_refused(self, outcome: str) -> None:
        """A request had no operation, or its caller was not authenticated."""

    def file_ended(self, file: str | None, outcome: str, made: MadeFile | None) -> None:
        """A request for a file has ended. `file`: its name, or None. `made`: None after an error."""


class AuditLog:
    """Writes one line for each operation, if it is enabled. Tells the observer and the trace about each end.

    Answers from the response cache are counted: every COUNT_SECONDS there is one line for each caller and operation.
    """

    def __init__(self, schema: Schema, observer: OperationObserver | None = None) -> None:
        """The names of operations whose answers are cached are those in the schema's documents."""
        self.is_enabled, self._schema, self._observer = False, schema, observer
        self._cached: dict[tuple[str, CacheKey | None], CachedAnswers] = {}

    def record(self, operation: OperationRequest, response: GraphQLResponse) -> None:
        """Record a response. The record of a stream is `record_stream`."""
        if self._observer is not None or operation.trace is not None:
            is_cached = operation.answer is Answer.CACHED
            name = response.operation_name if operation.document is None else operation.name
            self._report(operation, name, COMPLETE if is_cached else outcome_of(response))
        if not self.is_enabled:
            return
        if operation.outcomes is None and response.outcomes is not None:  # those of another execution
            operation.accounts.update(response.outcomes.account_ids)
        if operation.answer is Answer.CACHED:
            self._count(operation)
        else:
            _write(operation, outcome_of(response))

    def record_stream(self, operation: OperationRequest, last_part: JsonObject, error: BaseException | None) -> None:
        """Record the end of a stream, after its last part or by an error."""
        self._record(operation, (_error_code(last_part) or COMPLETE) if error is None else outcome_of_error(error))

    def record_error(self, operation: OperationRequest, error: BaseException) -> None:
        """Record an operation that ended without a response of its own."""
        self._record(operation, outcome_of_error(error))

    def _record(self, operation: OperationRequest, outcome: str) -> None:
        self._report(operation, operation.name, outcome)
        if self.is_enabled:
            _write(operation, outcome)

    def _report(self, operation: OperationRequest, name: str | None, outcome: str) -> None:
        if self._observer is not None:
            self._observer.operation_ended(operation, name, outcome)
        if operation.trace is not None:
            operation.trace.end(operation, name, outcome)

    @contextmanager
    def errors_of(self, operation: OperationRequest) -> Iterator[None]:
        """Record an error that is raised within."""
        try:
            yield
        except BaseException as error:
            self.record_error(operation, error)
            raise

    def record_refusal(self, caller: str, request_id: str, response: GraphQLResponse) -> None:
        """Record a request that has no operation. One whose caller was not authenticated has a line of its own."""
        if self._observer is not None:
            self._observer.request_refused(outcome_of(response))
        if self.is_enabled and response.status != HTTPStatus.UNAUTHORIZED:
            _log.info(EVENT, caller=caller, answer="refused", outcome=outcome_of(response), request_id=request_id)

    def record_file(
        self, caller: str, request_id: str, file: str | None, outcome: str, made: MadeFile | None = None
    ) -> None:
        """Record an export. `file` is its name, or None if there is no such file. `made`: None after an error.

        A request whose caller was not authenticated has a line of its own.
        """
        if self._observer is not None:
            self._observer.file_ended(file, outcome, made)
        if self.is_enabled and outcome != ErrorCode.UNAUTHENTICATED:
            _log.info("A file was exported.", caller=caller, file=file, outcome=outcome, request_id=request_id)

    def _count(self, operation: OperationRequest) -> None:
        key = operation.caller.name, operation.key
        answers = self._cached.get(key)
        if answers is None:
            if not self._cached:
                asyncio.get_running_loop().call_later(COUNT_SECONDS, self.flush)
            elif len(self._cached) >= MAX_COUNTS:
                self.flush()
            answers = self._cached[key] = CachedAnswers(operation)
            if operation.text in self._schema.documents:
                operation.document = self._schema.documents(operation.text)
        answers.count += 1

    def flush(self) -> None:
        """Write the lines of the cached answers that were counted so far."""
        counted, self._cached = self._cached, {}
        for answers in counted.values():
            _write(answers.operation, COMPLETE, answers.count)


def _write(operation: OperationRequest, outcome: str, count: int = 1) -> None:
    operation.begin(None)  # adds up what the execution needed
    _log.info(
        EVENT,
        caller=operation.caller.name,
        operation=operation.name,
        hash=sha256(operation.text.encode()).hexdigest(),
        kind=operation.kind.value,
        answer=operation.answer.value,
        accounts=sorted(operation.accounts),
        cost=_cost(operation),
        provider_calls=operation.provider_calls,
        outcome=outcome,
        duration_ms=None if operation.answer is Answer.CACHED else operation.elapsed_ms(),
        count=count,
        request_id=operation.request_id,
    )


def outcome_of(response: GraphQLResponse) -> str:
    """Return the code of the response's first error, or else whether the data of every account is complete."""
    code = _error_code(response.content) if isinstance(response.content, dict) else None
    if code is not None:
        return code
    return COMPLETE if response.outcomes is None or response.outcomes.is_complete else INCOMPLETE


def outcome_of_error(error: BaseException) -> str:
    """Return the code of the response to an error. A task that was cancelled has a client that left."""
    match error:
        case Overloaded():
            return FailureCode.UNAVAILABLE.name
        case GraphQLSyntaxError():
            return ErrorCode.GRAPHQL_PARSE_FAILED
        case GraphQLError(extensions={"code": code}):
            return str(code)
        case Exception():
            return str(getattr(error, "code", ErrorCode.INTERNAL))
        case _:
            return CANCELLED


def _error_code(part: JsonObject) -> str | None:
    errors = part.get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else None


def _cost(operation: OperationRequest) -> int | None:
    """Return the cost of an executed operation. None if nothing was executed."""
    if operation.document is None or operation.answer is not Answer.EXECUTED:
        return None
    try:
        return operation.document.check_limits(operation.request.variables or {})
    except GraphQLError:
        return None
