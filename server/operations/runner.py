"""Runs operations from every transport: finds and parses their documents, and shares and caches their responses."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import structlog
from graphql import GraphQLError, OperationType

from execution.document import ParsedDocument
from execution.schema import Schema
from execution.turns import Work
from providers.deadline import loop_time
from providers.dependencies import CacheDependencies
from resolvers.change_feed import ChangeFeed
from resolvers.finance.rates import NO_RATES, RateTable
from resolvers.views import CurrentAccounts, Views
from server.access.caller import ANONYMOUS, Caller
from server.config.settings import DEFAULT_SUBSCRIPTIONS, ServerSettings, SubscriptionSettings

from .audit import AuditLog, OperationObserver
from .caller_budgets import CallerBudgets, caller_key
from .coalescing import OperationCoalescer
from .executions import Executions
from .operation import Answer, NotAQueryError, OperationRequest, may_bypass_cache
from .persisted_queries import PersistedQueries
from .preparation import DocumentParser
from .request import BadRequestError, GraphQLRequest
from .response import GraphQLResponse, JsonObject
from .response_cache import ResponseCache, cache_key
from .streams import StreamRegistry


class OperationRunner:
    """Runs all operations of one service."""

    def __init__(
        self,
        schema: Schema,
        current_accounts: CurrentAccounts,
        settings: ServerSettings,
        subscriptions: SubscriptionSettings = DEFAULT_SUBSCRIPTIONS,
        max_response_bytes: int = 0,
        rates: RateTable = NO_RATES,
        observer: OperationObserver | None = None,
    ) -> None:
        """Create a runner.

        `max_response_bytes`: the size of the response cache; 0 disables it. `rates` convert amounts. `observer` is told
        about each end.
        """
        self._schema, self.views = schema, Views(current_accounts)
        self.settings, self.subscriptions, self.rates = settings, subscriptions, rates
        self.budgets, self._persisted = CallerBudgets(settings), PersistedQueries(settings)
        self.response_cache, self.coalescer = ResponseCache(max_response_bytes), OperationCoalescer()
        self.change_feed = ChangeFeed(self.views, subscriptions.poll)
        self.audit = AuditLog(schema, observer)
        self.streams = StreamRegistry(subscriptions.most, self.audit)
        self._parser = DocumentParser(schema)
        self.executions = Executions(schema, self.views, self.budgets, self.change_feed, settings, rates)

    def apply_settings(self, settings: ServerSettings, subscriptions: SubscriptionSettings, rates: RateTable) -> None:
        """Use these settings from now on. Operations in progress keep their slots and their deadlines."""
        self.settings, self.subscriptions, self.rates = settings, subscriptions, rates
        self.executions.apply_settings(settings, rates)
        self.budgets.apply_settings(settings)
        self._persisted.apply_settings(settings)
        # The accounts and the rates may have changed, so responses are neither kept nor shared across this call.
        self.response_cache, self.coalescer = ResponseCache(self.response_cache.max_bytes), OperationCoalescer()
        self.change_feed.set_interval(subscriptions.poll)
        self.streams.slots.max_slots = subscriptions.most

    def start_deadline(self) -> float:
        """Return the deadline, on the loop's clock, of an operation that arrives now."""
        return self.executions.start_deadline()

    def receive(
        self,
        request: GraphQLRequest,
        request_id: str,
        caller: Caller = ANONYMOUS,
        peer: str | None = None,
        *,
        bypass_cache: bool = False,
        reports_cost: bool = False,
    ) -> OperationRequest:
        """Return the operation of a request, not parsed yet.

        `peer`: its address. `bypass_cache`: the client asks for fresh data; ignored unless the caller may.
        `reports_cost`: the response states the cost. Raises BadRequestError if the request has no query.
        """
        text, view = self._persisted.resolve(request, caller.grants), self.views.of(caller.grants)
        bypass_cache = bypass_cache and may_bypass_cache(caller, view)
        key, budget_key = None if bypass_cache else cache_key(text, request, view), caller_key(caller, peer)
        if reports_cost and key is not None:
            key = None if self.budgets.bounds_cost else (*key, "cost")  # the caller's remaining points are not shared
        operation = OperationRequest(text, request, request_id, caller, budget_key, key, bypass_cache, reports_cost)
        operation.received_at = loop_time()
        return operation

    async def prepare(self, operation: OperationRequest) -> ParsedDocument:
        """Return the parsed document, and set it and the kind of its operation in `operation`.

        Raises BadRequestError if there is no such operation, or GraphQLSyntaxError.
        """
        if operation.document is not None:
            return operation.document
        work = operation.work = operation.work or Work()
        list_sizes = self.views.of(operation.caller.grants).accounts.list_sizes
        document = await self._parser.parse(operation.text, operation.request, list_sizes, work)
        try:
            operation.kind = document.select_operation(operation.request.operation_name).operation
        except GraphQLError as error:
            raise BadRequestError(error.message) from None
        operation.document, operation.is_trusted = document, self._persisted.is_trusted(operation.text)
        return document

    def cached_response(self, operation: OperationRequest) -> GraphQLResponse | None:
        """Return the response to an identical operation. Returns None if it is not cached or no longer valid."""
        response = self.response_cache.get(operation.key)
        if response is not None:
            operation.answer = Answer.CACHED
        return response

    async def execute(self, operation: OperationRequest, deadline: float) -> GraphQLResponse:
        """Return the response to a query: from the cache, shared with an identical operation, or executed now.

        Raises BadRequestError, GraphQLSyntaxError, Overloaded, CallerRateLimited or DeadlineExceeded.
        """
        if operation.key is None:
            return await self._execute_and_cache(operation, deadline)
        response = self.cached_response(operation)
        if response is None:
            response = await self.coalescer.join_or_start(
                operation.key, lambda: self._execute_and_cache(operation, deadline)
            )
            if operation.answer is Answer.REFUSED and response.was_executed:
                operation.answer = Answer.SHARED
        return response

    async def _execute_and_cache(self, operation: OperationRequest, deadline: float) -> GraphQLResponse:
        """Execute the operation, and cache its response if it may be cached."""
        # The cache is read first, because `apply_settings` may replace it.
        cache, dependencies = self.response_cache, CacheDependencies()
        with structlog.contextvars.bound_contextvars(request_id=operation.request_id):
            document = await self.prepare(operation)
            if operation.kind is not OperationType.QUERY:
                raise NotAQueryError(operation.kind)
            response = await self.executions.execute(operation, document, deadline, dependencies)
            return cache.put(operation.key, response, dependencies)

    async def execute_incremental(
        self, operation: OperationRequest, deadline: float
    ) -> AsyncGenerator[JsonObject, None]:
        """Yield the parts of the response to a query: see Executions."""
        document = await self.prepare(operation)
        async with aclosing(self.executions.execute_incremental(operation, document, deadline)) as parts:
            async for part in parts:
                yield part

    async def subscribe(self, operation: OperationRequest) -> AsyncGenerator[JsonObject, None]:
        """Yield a response object for each event of a subscription: see Executions."""
        document = await self.prepare(operation)
        async with aclosing(self.executions.subscribe(operation, document)) as events:
            async for event in events:
                yield event
