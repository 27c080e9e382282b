"""An operation from its arrival to its execution: its text first, its parsed document when it is its turn."""

import msgspec
from graphql import ExecutionResult, OperationType

from execution.document import ParsedDocument
from execution.limits import MAX_COST
from providers.call import CallBudget
from resolvers.outcomes import RequestOutcomes
from server.access.caller import ANONYMOUS, Caller

from .request import BadRequestError, GraphQLRequest
from .response import CacheKey, JsonObject, coverage_extension, result_payload

NO_MUTATIONS = "This schema has no mutations. Send a query instead."
_REASONS = {
    OperationType.MUTATION: NO_MUTATIONS,
    OperationType.SUBSCRIPTION: (
        "A subscription has several results. Accept text/event-stream, or open a WebSocket at this URL with the "
        "protocol graphql-transport-ws."
    ),
}


class OperationRequest(msgspec.Struct):
    """One operation to run: of an HTTP request, an element of its batch, or a message of a WebSocket.

    `OperationRunner.prepare` sets the document and the kind, and its execution the cost.
    """

    text: str
    request: GraphQLRequest
    request_id: str
    caller: Caller = ANONYMOUS
    caller_key: str = ANONYMOUS.name  # by which its budgets are kept
    key: CacheKey | None = None  # of its response; None if it must be executed separately
    bypass_cache: bool = False  # the client wants every value from its provider
    reports_cost: bool = False  # the client wants `extensions.cost`
    call_budget: CallBudget | None = None  # shared with the other operations of a batch; None: a budget of its own
    document: ParsedDocument | None = None
    kind: OperationType = OperationType.QUERY  # assumed until the document is there
    cost: int = 0  # as the limits measured it, before the execution
    remaining_cost: int | None = None  # of the caller's budget, after this operation; None: no bound


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
