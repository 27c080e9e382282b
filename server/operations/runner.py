"""Runs operations, whatever transport brought them: each in its turn, within its deadline, for the accounts in use."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    ExecutionResult,
    ExperimentalIncrementalExecutionResults,
    GraphQLError,
    InitialIncrementalExecutionResult,
    OperationType,
    SubsequentIncrementalExecutionResult,
    create_source_event_stream,
)
from graphql.execution import CompletedResult

from execution.document import ParsedDocument
from execution.executor import Executor
from execution.schema import Schema
from providers.cache.dependencies import CacheDependencies, dependencies
from providers.cache.source import bypass_cache
from providers.deadline import deadline
from resolvers.accounts import AccountRegistry
from resolvers.change_feed import ChangeFeed
from resolvers.request import RequestContext
from server.config.settings import DEFAULT_SUBSCRIPTIONS, ServerSettings, SubscriptionSettings

from .admission import AdmissionController
from .incremental import payload
from .persisted_queries import PersistedQueries
from .request import BadRequestError, GraphQLRequest
from .response import (
    CacheKey,
    DeadlineExceeded,
    GraphQLResponse,
    JsonObject,
    coverage_extension,
    error_response_payload,
    result_payload,
)
from .response_cache import ResponseCache, cache_key
from .single_flight import SingleFlight
from .streams import StreamRegistry

MAX_RESERVE = 0.5  # seconds of the deadline that are kept for writing the answer down
Part = InitialIncrementalExecutionResult | SubsequentIncrementalExecutionResult
CurrentAccounts = Callable[[], AccountRegistry]  # the accounts as they are configured now


@dataclass(frozen=True, slots=True)
class OperationRequest:
    """What is asked, by whom: one operation of a request, or of a connection."""

    document: ParsedDocument
    request: GraphQLRequest
    kind: OperationType
    request_id: str
    bypass_cache: bool = False  # the caller wants every answer from its provider


class OperationRunner:
    """Every operation of the service."""

    def __init__(
        self,
        schema: Schema,
        in_use: CurrentAccounts,
        settings: ServerSettings,
        subscriptions: SubscriptionSettings = DEFAULT_SUBSCRIPTIONS,
        most_kept: int = 0,
    ) -> None:
        """`most_kept`: bytes of answers that are kept as they were written."""
        self._schema, self.current_accounts, self._settings, self.subscriptions = (
            schema,
            in_use,
            settings,
            subscriptions,
        )
        self._admission, self._persisted = AdmissionController(settings.max_requests), PersistedQueries()
        self.response_cache, self.single_flight = ResponseCache(most_kept), SingleFlight()
        self.change_feed, self.streams = ChangeFeed(in_use, subscriptions.poll), StreamRegistry(subscriptions.most)
        self._start_lock = asyncio.Lock()

    @property
    def settings(self) -> ServerSettings:
        return self._settings

    def apply_settings(
        self, settings: ServerSettings, subscriptions: SubscriptionSettings = DEFAULT_SUBSCRIPTIONS
    ) -> None:
        """From now on these; what runs has the turns, and the time, that it was given."""
        self._settings, self.subscriptions = settings, subscriptions
        self.response_cache, self.single_flight = (
            ResponseCache(self.response_cache.max_bytes),
            SingleFlight(),
        )  # the accounts may be others
        self.change_feed.set_interval(subscriptions.poll)
        self.streams.max_streams = subscriptions.most
        if settings.max_requests != self._admission.max_concurrent:
            self._admission = AdmissionController(settings.max_requests)

    def start_deadline(self) -> float:
        """When an operation that is asked now must be answered, on the loop's clock; its calls end a little earlier."""
        seconds = self._settings.deadline
        end = asyncio.get_running_loop().time() + seconds
        deadline.set(end - min(MAX_RESERVE, seconds / 10))
        return end

    async def prepare(self, operation: GraphQLRequest, request_id: str, *, fresh: bool = False) -> OperationRequest:
        """An operation of a document; raises BadRequestError where there is none, or GraphQLSyntaxError.

        To begin one holds the loop, so that of a crowd one begins at a time: between any two the loop hears who else
        has come, whose time counts from then.
        """
        async with self._start_lock:
            await asyncio.sleep(0)
        document = self._schema.documents(self._persisted.text(operation))
        try:
            kind = document.select_operation(operation.operation_name).operation
        except GraphQLError as error:
            raise BadRequestError(error.message) from None
        return OperationRequest(document, operation, kind, request_id, fresh)

    async def execute(self, asked: OperationRequest, end: float) -> GraphQLResponse:
        """The one answer to a query; raises Busy and Late."""
        key = None if asked.bypass_cache else cache_key(asked.document.text, asked.request)
        if key is None:
            return await self._execute_and_cache(asked, end, None)
        kept = self.response_cache.get(key)
        if kept is not None:
            return kept
        return await self.single_flight.join_or_start(key, lambda: self._execute_and_cache(asked, end, key))

    async def _execute_and_cache(self, asked: OperationRequest, end: float, key: CacheKey | None) -> GraphQLResponse:
        """An answer that is made now, and kept where it may be."""
        answers, made_of = self.response_cache, CacheDependencies()
        dependencies.set(made_of)
        answer = replace(await self._execute(asked, end), key=key)
        return answers.put(key, answer, made_of)

    def cached_response(self, key: CacheKey) -> GraphQLResponse | None:
        """The answer that is kept by that key."""
        return self.response_cache.get(key)

    async def _execute(self, asked: OperationRequest, end: float) -> GraphQLResponse:
        async with self._admission.admit(end):
            with self._context(asked) as context:
                executor = self._executor(asked, context)
                if isinstance(executor, list):
                    return GraphQLResponse(result_payload(None, executor, asked.request_id))
                result = await _with_deadline(end, context, executor.execute_operation())
                ledger = None if result.errors else context.outcomes
                return GraphQLResponse(_payload(result, context, asked), outcomes=ledger)

    async def execute_incremental(self, asked: OperationRequest, end: float) -> AsyncGenerator[JsonObject, None]:
        """The parts of the answer to a query that defers some: the first waits for nothing deferred."""
        async with self._admission.admit(end):
            with self._context(asked) as context:
                executor = self._executor(asked, context, incremental=True)
                if isinstance(executor, list):
                    yield result_payload(None, executor, asked.request_id)
                    return
                result = await _with_deadline(end, context, executor.execute_operation())
                if isinstance(result, ExecutionResult):
                    yield {**_payload(result, context, asked), "hasNext": False}
                    return
                async with aclosing(_incremental_parts(result, end, context)) as parts:
                    async for part in parts:
                        yield payload(part, context, asked.request_id)

    async def subscribe(self, asked: OperationRequest) -> AsyncGenerator[JsonObject, None]:
        """The answers to a subscription, one for each event, each with a deadline and a context of its own."""
        with self._context(asked) as context:
            executor = self._executor(asked, context)
            if isinstance(executor, list):
                yield result_payload(None, executor, asked.request_id)
                return
            source = await _maybe_await(create_source_event_stream(executor))
        if isinstance(source, ExecutionResult):
            yield result_payload(None, source.errors or [], asked.request_id)
            return
        async with aclosing(source) as stream:
            async for event in _events_or_error(stream, asked.request_id):
                yield event if isinstance(event, dict) else await self._execute_event(executor, event, asked)

    async def _execute_event(self, subscription: Executor, event: object, asked: OperationRequest) -> JsonObject:
        end = self.start_deadline()
        try:
            async with self._admission.admit(end):
                with self._context(asked) as context:
                    executor = subscription.build_per_event_executor(event)
                    executor.context_value = context
                    result = await _with_deadline(end, context, executor.execute_operation(serially=False))
                    return _payload(result, context, asked)
        except Exception as error:  # noqa: BLE001 (an event that cannot be told ends no stream)
            return error_response_payload(error, asked.request_id)

    @contextmanager
    def _context(self, asked: OperationRequest) -> Iterator[RequestContext]:
        roster = self.current_accounts()
        bypass_cache.set(asked.bypass_cache and all(member.account.sandbox for member in roster))
        context = RequestContext(roster, self.change_feed)
        try:
            yield context
        finally:
            context.close()

    def _executor(
        self, asked: OperationRequest, context: RequestContext, **options: Any
    ) -> Executor | list[GraphQLError]:
        operation = asked.request
        return self._schema.prepare_execution(
            asked.document, operation.operation_name, operation.variables, context, **options
        )


async def _maybe_await(result: Any) -> Any:
    return await result if hasattr(result, "__await__") else result


async def _with_deadline(end: float, context: RequestContext, result: Any) -> Any:
    """What an execution comes to; raises Late."""
    try:
        async with asyncio.timeout_at(end):
            return await _maybe_await(result)
    except TimeoutError:
        raise DeadlineExceeded(context.outcomes) from None


def _payload(result: ExecutionResult, context: RequestContext, asked: OperationRequest) -> JsonObject:
    return result_payload(result.data, result.errors or [], asked.request_id) | coverage_extension(context.outcomes)


async def _incremental_parts(
    result: ExperimentalIncrementalExecutionResults, end: float, context: RequestContext
) -> AsyncGenerator[Part, None]:
    """The first part, and those that follow; what is not there at the deadline fails."""
    yield result.initial_result
    pending = {found.id for found in result.initial_result.pending}
    async with aclosing(result.subsequent_results) as following:
        while True:
            try:
                async with asyncio.timeout_at(end):
                    part = await anext(following, None)
            except TimeoutError:
                late = DeadlineExceeded(context.outcomes)
                failed = [CompletedResult(name, [late]) for name in pending]
                yield SubsequentIncrementalExecutionResult(has_next=False, completed=failed)
                return
            if part is None:
                return
            pending |= {found.id for found in part.pending or ()}
            pending -= {found.id for found in part.completed or ()}
            yield part


async def _events_or_error(stream: AsyncGenerator[Any, None], request_id: str) -> AsyncIterator[Any]:
    """The events; where the stream fails, its error in their place, and the end."""
    try:
        async for event in stream:
            yield event
    except Exception as error:  # noqa: BLE001 (as everywhere, its caller hears a code and a sentence)
        located = error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
        yield result_payload(None, [located], request_id)
