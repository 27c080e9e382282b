"""Runs operations from every transport: admission, deadline, coalescing, execution and the response cache."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from functools import partial
from typing import Any

import structlog
from graphql import ExecutionResult, GraphQLError, OperationType, create_source_event_stream

from execution.document import ParsedDocument
from execution.executor import Executor
from execution.schema import Schema
from execution.turns import Work, call
from providers.call import CallContext
from providers.deadline import loop_time
from providers.dependencies import CacheDependencies
from resolvers.change_feed import ChangeFeed
from resolvers.finance.rates import NO_RATES, RateTable
from resolvers.request import RequestContext
from resolvers.views import CurrentAccounts, Views
from server.access.caller import ANONYMOUS, Caller
from server.config.settings import DEFAULT_SUBSCRIPTIONS, ServerSettings, SubscriptionSettings

from .admission import AdmissionController
from .audit import AuditLog, OperationObserver
from .caller_budgets import CallerBudgets, caller_key
from .coalescing import OperationCoalescer
from .execution import execute, with_deadline
from .incremental import Part, format_part, incremental_parts
from .operation import Answer, NotAQueryError, OperationRequest, may_bypass_cache, operation_payload
from .persisted_queries import PersistedQueries
from .preparation import DocumentParser
from .request import BadRequestError, GraphQLRequest
from .response import GraphQLResponse, JsonObject, error_response_payload, result_payload
from .response_cache import ResponseCache, cache_key
from .streams import StreamRegistry, events_or_error

MAX_RESERVE_SECONDS = 0.5  # seconds of the deadline, at most, that remain for the response after the last provider call


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
        self._settings, self.subscriptions, self.rates = settings, subscriptions, rates
        self._admission, self._persisted = AdmissionController(settings.max_requests), PersistedQueries(settings)
        self.budgets = CallerBudgets(settings)
        self.response_cache, self.coalescer = ResponseCache(max_response_bytes), OperationCoalescer()
        self.change_feed = ChangeFeed(self.views, subscriptions.poll)
        self.audit = AuditLog(schema, observer)
        self.streams = StreamRegistry(subscriptions.most, self.audit)
        self._parser = DocumentParser(schema)

    @property
    def settings(self) -> ServerSettings:
        return self._settings

    @property
    def admission(self) -> AdmissionController:
        return self._admission

    def apply_settings(self, settings: ServerSettings, subscriptions: SubscriptionSettings, rates: RateTable) -> None:
        """Use these settings from now on. Operations in progress keep their slots and their deadlines."""
        self._settings, self.subscriptions, self.rates = settings, subscriptions, rates
        self.budgets.apply_settings(settings)
        self._persisted.apply_settings(settings)
        # The accounts and the rates may have changed, so responses are neither kept nor shared across this call.
        self.response_cache, self.coalescer = ResponseCache(self.response_cache.max_bytes), OperationCoalescer()
        self.change_feed.set_interval(subscriptions.poll)
        self.streams.slots.max_slots = subscriptions.most
        if settings.max_requests != self._admission.max_concurrent:
            self._admission = AdmissionController(settings.max_requests)

    def start_deadline(self) -> float:
        """Return the deadline, on the loop's clock, of an operation that arrives now."""
        return loop_time() + self._settings.deadline

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
        document = await self._parser.parse(operation.text, operation.request.variables, list_sizes, work)
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
            response = await self._execute(operation, document, deadline, dependencies)
            return cache.put(operation.key, response, dependencies)

    async def _execute(
        self, operation: OperationRequest, document: ParsedDocument, deadline: float, dependencies: CacheDependencies
    ) -> GraphQLResponse:
        async with self._admission.admit(deadline, operation.caller_key):
            with self._context(operation, deadline, dependencies) as context:
                executor = self._prepare_executor(operation, document, context)
                if isinstance(executor, list):
                    return GraphQLResponse(result_payload(None, executor, operation.request_id))
                max_bytes = self._settings.max_response_bytes
                return await with_deadline(deadline, context, execute(executor, operation, context, max_bytes))

    async def execute_incremental(
        self, operation: OperationRequest, deadline: float
    ) -> AsyncGenerator[JsonObject, None]:
        """Yield the parts of the response to a query with @defer or @stream. The first waits for no deferred data.

        A query without them has one part. Raises Overloaded, or DeadlineExceeded before the first part.
        """
        document = await self.prepare(operation)
        async with self._admission.admit(deadline, operation.caller_key):
            with self._context(operation, deadline) as context:
                executor = self._prepare_executor(operation, document, context, incremental=True)
                if isinstance(executor, list):
                    yield result_payload(None, executor, operation.request_id)
                    return
                result = await with_deadline(deadline, context, executor.execute())
                if isinstance(result, ExecutionResult):
                    yield self._check_size({**operation_payload(operation, result, context.outcomes), "hasNext": False})
                    return
                async with aclosing(incremental_parts(result, deadline, context)) as parts:
                    async for part in parts:
                        yield await executor.run(partial(self._format_part, part, context, executor, operation))

    def _format_part(
        self, part: Part, context: RequestContext, executor: Executor, operation: OperationRequest
    ) -> JsonObject:
        payload = format_part(part, context, operation.request_id)
        return self._check_size(payload, in_turns=executor.work is not None)

    def _check_size(self, part: JsonObject, *, in_turns: bool = False) -> JsonObject:
        return GraphQLResponse(part).check_size(self._settings.max_response_bytes, in_turns=in_turns).payload

    async def subscribe(self, operation: OperationRequest) -> AsyncGenerator[JsonObject, None]:
        """Yield a response object for each event of a subscription. Each has its own deadline and request context."""
        document = await self.prepare(operation)
        with self._context(operation, self.start_deadline()) as context:
            executor = self._prepare_executor(operation, document, context)
            if isinstance(executor, list):
                yield result_payload(None, executor, operation.request_id)
                return
            source = await call(partial(create_source_event_stream, executor))
        if isinstance(source, ExecutionResult):
            yield result_payload(None, source.errors or [], operation.request_id)
            return
        async with aclosing(source) as stream:
            async for event in events_or_error(stream, operation.request_id):
                # A dict is the response object of the error that ended the stream.
                yield event if isinstance(event, dict) else await self._execute_event(executor, event, operation)

    async def _execute_event(self, subscription: Executor, event: object, operation: OperationRequest) -> JsonObject:
        deadline = self.start_deadline()
        try:
            async with self._admission.admit(deadline, operation.caller_key):
                with self._context(operation, deadline) as context:
                    executor: Any = subscription.build_per_event_executor(event)
                    executor.context_value, context.call.serializers = context, subscription.expected_serializers
                    result = await with_deadline(deadline, context, executor.execute(serially=False))
                    return operation_payload(operation, result, context.outcomes)
        except Exception as error:  # noqa: BLE001 (one event that fails does not end the stream)
            return error_response_payload(error, operation.request_id)

    @contextmanager
    def _context(
        self, operation: OperationRequest, deadline: float, dependencies: CacheDependencies | None = None
    ) -> Iterator[RequestContext]:
        """Open a request context with the current accounts that the caller sees.

        The deadline of its provider calls is a little earlier than the operation's.
        """
        grants, reserve_seconds = operation.caller.grants, min(MAX_RESERVE_SECONDS, self._settings.deadline / 10)
        budget = operation.call_budget or self.budgets.call_budget(operation.caller_key)
        call = CallContext(
            deadline - reserve_seconds,
            operation.bypass_cache,
            dependencies,
            budget=budget,
            caller=operation.caller_key,
            work=operation.work,
            trace=operation.trace,
        )
        context = RequestContext(self.views.of(grants).accounts, call, self.change_feed, grants, self.rates)
        operation.begin(context.outcomes)
        try:
            yield context
        finally:
            context.close()

    def _prepare_executor(
        self, operation: OperationRequest, document: ParsedDocument, context: RequestContext, **options: Any
    ) -> Executor | list[GraphQLError]:
        """Return an executor, or the errors that prevent the execution. Raises CallerRateLimited."""
        request = operation.request
        scopes = operation.caller.grants.scopes
        executor = self._schema.prepare_execution(
            document,
            request.operation_name,
            request.variables,
            context,
            work=operation.work,
            scopes=scopes,
            list_sizes=context.list_sizes,
            **options,
        )
        if isinstance(executor, Executor):
            operation.answer, operation.cost = Answer.EXECUTED, executor.cost
            operation.remaining_cost = self.budgets.charge(operation.caller_key, executor.cost)
            context.call.serializers = executor.expected_serializers
        return executor
