"""The execution of operations whose documents are parsed: admission, the deadline and the request context."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Iterator
from contextlib import aclosing, contextmanager
from functools import partial
from typing import Any, TypeVar

from graphql import ExecutionResult, GraphQLError, create_source_event_stream

from execution.document import ParsedDocument
from execution.executor import Executor
from execution.schema import Schema
from execution.turns import call
from providers.call import CallContext
from providers.deadline import loop_time
from providers.dependencies import CacheDependencies
from resolvers.change_feed import ChangeFeed
from resolvers.finance.rates import RateTable
from resolvers.outcomes import RequestOutcomes
from resolvers.request import RequestContext
from resolvers.views import Views
from server.config.settings import ServerSettings

from .admission import AdmissionController
from .caller_budgets import CallerBudgets
from .incremental import Part, format_part, incremental_parts
from .operation import Answer, OperationRequest, operation_payload
from .response import DeadlineExceeded, GraphQLResponse, JsonObject, error_response_payload, result_payload
from .streams import events_or_error

MAX_RESERVE_SECONDS = 0.5  # seconds of the deadline, at most, that remain for the response after the last provider call
T = TypeVar("T")


class Executions:
    """Executes the operations of one service, each in a slot, with a context of its own and up to its deadline."""

    def __init__(
        self,
        schema: Schema,
        views: Views,
        budgets: CallerBudgets,
        change_feed: ChangeFeed,
        settings: ServerSettings,
        rates: RateTable,
    ) -> None:
        """`rates` convert amounts."""
        self._schema, self._views, self._budgets, self._change_feed = schema, views, budgets, change_feed
        self._settings, self._rates = settings, rates
        self.admission = AdmissionController(settings.max_requests)

    def apply_settings(self, settings: ServerSettings, rates: RateTable) -> None:
        """Use these settings from now on. Operations in progress keep their slots and their deadlines."""
        self._settings, self._rates = settings, rates
        if settings.max_requests != self.admission.max_concurrent:
            self.admission = AdmissionController(settings.max_requests)

    def start_deadline(self) -> float:
        """Return the deadline, on the loop's clock, of an operation that arrives now."""
        return loop_time() + self._settings.deadline

    async def execute(
        self, operation: OperationRequest, document: ParsedDocument, deadline: float, dependencies: CacheDependencies
    ) -> GraphQLResponse:
        """Return the response to a query. `dependencies` records the cache entries that it depends on.

        Raises Overloaded, CallerRateLimited, DeadlineExceeded or ResponseTooLarge.
        """
        async with self.admission.admit(deadline, operation.caller_key):
            with self._context(operation, deadline, dependencies) as context:
                executor = self._prepare_executor(operation, document, context)
                if isinstance(executor, list):
                    return GraphQLResponse(result_payload(None, executor, operation.request_id))
                max_bytes = self._settings.max_response_bytes
                return await _with_deadline(
                    deadline, context.outcomes, _respond(executor, operation, context, max_bytes)
                )

    async def execute_incremental(
        self, operation: OperationRequest, document: ParsedDocument, deadline: float
    ) -> AsyncGenerator[JsonObject, None]:
        """Yield the parts of the response to a query with @defer or @stream. The first waits for no deferred data.

        A query without them has one part. Raises Overloaded, or DeadlineExceeded before the first part.
        """
        async with self.admission.admit(deadline, operation.caller_key):
            with self._context(operation, deadline) as context:
                executor = self._prepare_executor(operation, document, context, incremental=True)
                if isinstance(executor, list):
                    yield result_payload(None, executor, operation.request_id)
                    return
                result = await _with_deadline(deadline, context.outcomes, executor.execute())
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

    async def subscribe(
        self, operation: OperationRequest, document: ParsedDocument
    ) -> AsyncGenerator[JsonObject, None]:
        """Yield a response object for each event of a subscription. Each has its own deadline and request context."""
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
            async with self.admission.admit(deadline, operation.caller_key):
                with self._context(operation, deadline) as context:
                    executor: Any = subscription.build_per_event_executor(event)
                    executor.context_value, context.call.serializers = context, subscription.expected_serializers
                    result = await _with_deadline(deadline, context.outcomes, executor.execute(serially=False))
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
        budget = operation.call_budget or self._budgets.call_budget(operation.caller_key)
        call = CallContext(
            deadline - reserve_seconds,
            operation.bypass_cache,
            dependencies,
            budget=budget,
            caller=operation.caller_key,
            work=operation.work,
            trace=operation.trace,
        )
        context = RequestContext(self._views.of(grants).accounts, call, self._change_feed, grants, self._rates)
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
            operation.remaining_cost = self._budgets.charge(operation.caller_key, executor.cost)
            context.call.serializers = executor.expected_serializers
        return executor


async def _respond(
    executor: Executor, operation: OperationRequest, context: RequestContext, max_bytes: int
) -> GraphQLResponse:
    """Return the serialized response to an operation. Raises ResponseTooLarge if it is longer than this."""
    result = await executor.execute()

    def serialize() -> GraphQLResponse:
        payload = operation_payload(operation, result, context.outcomes)
        outcomes = None if result.errors else context.outcomes
        response = GraphQLResponse(payload, outcomes=outcomes, operation_name=operation.name)
        return response.check_size(max_bytes, in_turns=executor.work is not None)

    response: GraphQLResponse = await executor.run(serialize)
    return response


async def _with_deadline(deadline: float, outcomes: RequestOutcomes, result: Awaitable[T]) -> T:
    """Return the result of an execution. Raises DeadlineExceeded if it is not there at the deadline."""
    try:
        async with asyncio.timeout_at(deadline):
            return await result
    except TimeoutError:
        raise DeadlineExceeded(outcomes) from None
