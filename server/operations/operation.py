"""An operation from its arrival to its execution: its text first, its parsed document when it is its turn."""

import re
from enum import Enum
from typing import Protocol

import msgspec
from graphql import ExecutionResult, OperationType

from execution.document import ParsedDocument
from execution.limits import MAX_COST
from execution.turns import Work
from providers.call import CallBudget
from providers.deadline import loop_time
from providers.observer import Trace
from resolvers.outcomes import RequestOutcomes
from resolvers.views import View
from schema.scopes import Scope
from server.access.caller import ANONYMOUS, Caller

from .request import BadRequestError, GraphQLRequest
from .response import CacheKey, JsonObject, coverage_extension, result_payload

MAX_NAME = 100  # characters of an operation's name
_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
NO_MUTATIONS = "This schema has no mutations. Send a query instead."
_REASONS = {
    OperationType.MUTATION: NO_MUTATIONS,
    OperationType.SUBSCRIPTION: (
        "A subscription has several results. Accept text/event-stream, or open a WebSocket at this URL with the "
        "protocol graphql-transport-ws."
    ),
}


class Answer(Enum):
    """Where the answer to an operation comes from."""

    CACHED = "cached"  # the response cache
    SHARED = "shared"  # the execution of an identical operation
    EXECUTED = "executed"
    REFUSED = "refused"  # nothing was executed


class OperationTrace(Trace, Protocol):
    """The trace of an operation."""

    def end(self, operation: "OperationRequest", name: str | None, outcome: str) -> None:
        """End the span of the operation."""


class OperationRequest(msgspec.Struct):
    """One operation to run: of an HTTP request, an element of its batch, or a message of a WebSocket.

    `OperationRunner.prepare` sets the document and the kind, and the execution the cost. The runner sets the last five
    for the audit log.
    """

    text: str
    request: GraphQLRequest
    request_id: str
    caller: Caller = ANONYMOUS
    caller_key: str = ANONYMOUS.name  # by which its budgets are kept
    key: CacheKey | None = None  # of its response; None if it must be executed separately
    bypass_cache: bool = False  # the client wants every value from its provider
    reports_cost: bool = False  # the client wants `extensions.cost`
    is_trusted: bool = False  # its document is there, and is one of a manifest
    trace: OperationTrace | None = None  # None: it is not traced
    call_budget: CallBudget | None = None  # shared with the other operations of a batch; None: a budget of its own
    work: Work | None = None  # in turns; shared with the other operations of a batch
    document: ParsedDocument | None = None
    kind: OperationType = OperationType.QUERY  # assumed until the document is there
    cost: int = 0  # as the limits measured it, before the execution
    remaining_cost: int | None = None  # of the caller's budget, after this operation; None: no bound
    received_at: float = 0.0  # on the loop's clock
    answer: Answer = Answer.REFUSED
    outcomes: RequestOutcomes | None = None  # of its execution, or of the current event of a subscription
    accounts: set[str] = msgspec.field(default_factory=set)  # ids of those whose data earlier events needed
    provider_calls: int = 0  # resources that earlier events fetched

    @property
    def name(self) -> str | None:
        """The name of the operation, or None if it has none. It comes from the client, so its length is bounded."""
        name = self.request.operation_name
        if self.document is not None and not name:
            node = self.document.select_operation(None).name
            name = node.value if node else None
        return name[:MAX_NAME] if name and _NAME.fullmatch(name) else None

    def elapsed_ms(self) -> float:
        return round((loop_time() - self.received_at) * 1000, 1)

    def begin(self, outcomes: RequestOutcomes | None) -> None:
        """Begin an execution, or an event of a subscription, with these outcomes. Adds the earlier ones up."""
        if self.outcomes is not None:
            self.accounts.update(self.outcomes.account_ids)
            self.provider_calls += self.outcomes.fetches
        self.outcomes = outcomes


class NotAQueryError(BadRequestError):
    """The operation is a mutation or a subscription, but its transport expects a single response."""

    def __init__(self, kind: OperationType) -> None:
        super().__init__(_REASONS[kind])


def operation_payload(operation: OperationRequest, result: ExecutionResult, outcomes: RequestOutcomes) -> JsonObject:
    """Return the response object of an executed operation, with its extensions."""
    payload = result_payload(result.data, result.errors or [], operation.request_id) | coverage_extension(outcomes)
    if operation.reports_cost:
        cost = {"estimated": operation.cost, "max": MAX_COST}
        remaining = {} if operation.remaining_cost is None else {"remaining": operation.remaining_cost}
        payload.setdefault("extensions", {})["cost"] = cost | remaining
    return payload


def may_bypass_cache(caller: Caller, view: View) -> bool:
    """Return whether `no-cache` applies: with the scope. Without authentication only if all accounts are sandboxes."""
    is_authenticated = caller is not ANONYMOUS
    return Scope.CACHE_BYPASS in view.scopes and (is_authenticated or all(one.account.sandbox for one in view.accounts))
