"""Runs operations from every transport: admission, deadline, coalescing, execution and the response cache."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any

import structlog
from graphql import ExecutionResult, GraphQLError, OperationType, create_source_event_stream

from execution.document import ParsedDocument
from execution.executor import Executor
from execution.schema import Schema
from providers.call import CallBudget, CallContext
from providers.deadline import loop_time
from providers.dependencies import CacheDependencies
from resolvers.accounts import AccountRegistry
from resolvers.change_feed import ChangeFeed
from resolvers.finance.rates import NO_RATES, RateTable
from resolvers.request import RequestContext
from server.config.settings import DEFAULT_SUBSCRIPTIONS, ServerSettings, SubscriptionSettings

from .admission import AdmissionController
from .coalescing import OperationCoalescer
from .incremental import format_part, incremental_parts
from .operation import NotAQueryError, OperationRequest, operation_payload
from .persisted_queries import PersistedQueries
from .request import BadRequestError, GraphQLRequest
from .response import (
    DeadlineExceeded,
    GraphQLResponse,
    JsonObject,
    error_response_payload,
    result_payload,
)
from .response_cache import ResponseCache, cache_key
from .streams import StreamRegistry, events_or_error

MAX_RESERVE_SECONDS = 0.5  # seconds of the deadline, at most, that remain for the response after the last provider call
CurrentAccounts = Callable[[], AccountRegistry]  # the accounts as they are configured now


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
    ) -> None:
        """`max_response_bytes`: the size of the response cache; 0 disables it. `rates` convert amounts."""
        self._schema, self.current_accounts = schema, current_accounts
        self._settings, self.subscriptions, self.rates = settings, subscriptions, rates
        self._admission, self._persisted = AdmissionController(settings.max_requests), PersistedQueries()
        self.response_cache, self.coalescer = ResponseCache(max_response_bytes), OperationCoalescer()
        self.change_feed = ChangeFeed(current_accounts, subscriptions.poll)
        self.streams = StreamRegistry(subscriptions.most)
        self._start_lock = asyncio.Lock()

    @property
    def settings(self) -> ServerSettings:
        return self._settings

    def apply_settings(self, settings: ServerSettings, subscriptions: SubscriptionSettings, rates: RateTable) -> None:
        """Use these settings from now on. Operations in progress keep their slots and their deadlines."""
        self._settings, self.subscriptions, self.rates = settings, subscriptions, rates
        # The accounts and the rates may have changed, so responses are neither kept nor shared across this call.
        self.response_cache, self.coalescer = ResponseCache(self.response_cache.max_bytes), OperationCoalescer()
        self.change_feed.set_interval(subscriptions.poll)
        self.streams.max_streams = subscriptions.most
        if settings.max_requests != self._admission.max_concurrent:
            self._admission = AdmissionController(settings.max_requests)

    def start_deadline(self) -> float:
        """Return the deadline, on the loop's clock, of an operation that arrives now."""
        return loop_time() + self._settings.deadline

    def receive(
        self, request: GraphQLRequest, request_id: str, *, bypass_cache: bool = False, reports_cost: bool = False
    ) -> OperationRequest:
        """Return the operation of a request, not parsed yet. `bypass_cache`: execute it separately, with fresh data.

        `reports_cost`: the response states the cost. Raises BadRequestError if the request has no query.
        """
        text = self._persisted.resolve(request)
        key = None if bypass_cache else cache_key(text, request)
        if reports_cost and key is not None:
            key = *key, "cost"
        return OperationRequest(text, request, request_id, key, bypass_cache, reports_cost)

    async def prepare(self, operation: OperationRequest) -> ParsedDocument:
        """Return the parsed document, and set it and the kind of its operation in `operation`.

        Raises BadRequestError if there is no such operation, or GraphQLSyntaxError.

        Parsing blocks the event loop, so a lock admits one operation at a time and lets the loop run between two. The
        loop then reads the requests that have arrived meanwhile, and their deadlines count from then.
        """
        if operation.document is not None:
            return operation.document
        async with self._start_lock:
            await asyncio.sleep(0)
        document = self._schema.documents(operation.text)
        try:
            operation.kind = document.select_operation(operation.request.operation_name).operation
        except GraphQLError as error:
            raise BadRequestError(error.message) from None
        operation.document = document
        return document

    def cached_response(self, operation: OperationRequest) -> GraphQLResponse | None:
        """Return the response to an identical operation. Returns None if it is not cached or no longer valid."""
        return self.response_cache.get(operation.key)

    async def execute(self, operation: OperationRequest, deadline: float) -> GraphQLResponse:
        """Return the response to a query: from the cache, shared with an identical operation, or executed now.

        Raises BadRequestError, GraphQLSyntaxError, Overloaded or DeadlineExceeded.
        """
        if operation.key is None:
            return await self._execute_and_cache(operation, deadline)
        return self.cached_response(operation) or await self.coalescer.join_or_start(
            operation.key, lambda: self._execute_and_cache(operation, deadline)
        )

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
        async with self._admission.admit(deadline):
            with self._context(operation, deadline, dependencies) as context:
                executor = self._prepare_executor(operation, document, context)
                if isinstance(executor, list):
                    return GraphQLResponse(result_payload(None, executor, operation.request_id))
                result = await _with_deadline(deadline, context, executor.execute_operation())
                payload = operation_payload(operation, result, context.outcomes)
                response = GraphQLResponse(payload, outcomes=None if result.errors else context.outcomes)
                return response.check_size(self._settings.max_response_bytes)

    async def execute_incremental(
        self, operation: OperationRequest, deadline: float
    ) -> AsyncGenerator[JsonObject, None]:
        """Yield the parts of the response to a query with @defer or @stream. The first waits for no deferred data.

        A query without them has one part. Raises Overloaded, or DeadlineExceeded before the first part.
        """
        document = await self.prepare(operation)
        async with self._admission.admit(deadline):
            with self._context(operation, deadline) as context:
                executor = self._prepare_executor(operation, document, context, incremental=True)
                if isinstance(executor, list):
                    yield result_payload(None, executor, operation.request_id)
                    return
                result = await _with_deadline(deadline, context, executor.execute_operation())
                if isinstance(result, ExecutionResult):
                    yield self._check_size({**operation_payload(operation, result, context.outcomes), "hasNext": False})
                    return
                async with aclosing(incremental_parts(result, deadline, context)) as parts:
                    async for part in parts:
                        yield self._check_size(format_part(part, context, operation.request_id))

    def _check_size(self, part: JsonObject) -> JsonObject:
        return GraphQLResponse(part).check_size(self._settings.max_response_bytes).payload

    async def subscribe(self, operation: OperationRequest) -> AsyncGenerator[JsonObject, None]:
        """Yield a response object for each event of a subscription. Each has its own deadline and request context."""
        document = await self.prepare(operation)
        with self._context(operation, self.start_deadline()) as context:
            executor = self._prepare_executor(operation, document, context)
            if isinstance(executor, list):
                yield result_payload(None, executor, operation.request_id)
                return
            source = await _maybe_await(create_source_event_stream(executor))
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
            async with self._admission.admit(deadline):
                with self._context(operation, deadline) as context:
                    executor = subscription.build_per_event_executor(event)
                    executor.context_value, context.call.serializers = context, subscription.expected_serializers
                    result = await _with_deadline(deadline, context, executor.execute_operation(serially=False))
                    return operation_payload(operation, result, context.outcomes)
        except Exception as error:  # noqa: BLE001 (one event that fails does not end the stream)
            return error_response_payload(error, operation.request_id)

    @contextmanager
    def _context(
        self, operation: OperationRequest, deadline: float, dependencies: CacheDependencies | None = None
    ) -> Iterator[RequestContext]:
        """Open a request context for the current accounts. The cache is bypassed only if all of them are sandboxes.

        The deadline of its provider calls is a little earlier than the operation's.
        """
        accounts, reserve_seconds = self.current_accounts(), min(MAX_RESERVE_SECONDS, self._settings.deadline / 10)
        bypass_cache = operation.bypass_cache and all(entry.account.sandbox for entry in accounts)
        budget = operation.call_budget or CallBudget(self._settings.max_provider_calls)
        call = CallContext(deadline - reserve_seconds, bypass_cache, dependencies, budget=budget)
        context = RequestContext(accounts, call, self.change_feed, self.rates)
        try:
            yield context
        finally:
            context.close()

    def _prepare_executor(
        self, operation: OperationRequest, document: ParsedDocument, context: RequestContext, **options: Any
    ) -> Executor | list[GraphQLError]:
        """Return an executor of the operation, or the errors that prevent its execution."""
        request = operation.request
        executor = self._schema.prepare_execution(
            document, request.operation_name, request.variables, context, **options
        )
        if isinstance(executor, Executor):
            context.call.serializers = executor.expected_serializers
        return executor


async def _maybe_await(result: Any) -> Any:
    return await result if hasattr(result, "__await__") else result


async def _with_deadline(deadline: float, context: RequestContext, result: Any) -> Any:
    """Return the result of an execution. Raises DeadlineExceeded if it is not there at the deadline."""
    try:
        async with asyncio.timeout_at(deadline):
            return await _maybe_await(result)
    except TimeoutError:
        raise DeadlineExceeded(context.outcomes) from None
