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
from providers.cache.dependencies import Uses, uses
from providers.cache.source import read_through
from providers.deadline import deadline
from resolvers.accounts import Roster
from resolvers.change_feed import Changes
from resolvers.request import RequestContext
from server.config.settings import WATCHED, ServerSettings, SubscriptionSettings

from .admission import Gate
from .incremental import payload
from .persisted_queries import PersistedQueries
from .request import BadRequestError, Operation
from .response import Answer, Key, Late, Members, covered, shown, told
from .response_cache import Answers, key_of
from .single_flight import Together
from .streams import Streams

MAX_RESERVE = 0.5  # seconds of the deadline that are kept for writing the answer down
Part = InitialIncrementalExecutionResult | SubsequentIncrementalExecutionResult
InUse = Callable[[], Roster]  # the accounts as they are configured now


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, by whom: one operation of a request, or of a connection."""

    document: ParsedDocument
    operation: Operation
    kind: OperationType
    request_id: str
    fresh: bool = False  # the caller wants every answer from its provider


class Runner:
    """Every operation of the service."""

    def __init__(
        self,
        schema: Schema,
        in_use: InUse,
        settings: ServerSettings,
        subscriptions: SubscriptionSettings = WATCHED,
        most_kept: int = 0,
    ) -> None:
        """`most_kept`: bytes of answers that are kept as they were written."""
        self._schema, self.in_use, self._settings, self.subscriptions = schema, in_use, settings, subscriptions
        self._gate, self._persisted = Gate(settings.max_requests), PersistedQueries()
        self.answers, self.together = Answers(most_kept), Together()
        self.changes, self.streams = Changes(in_use, subscriptions.poll), Streams(subscriptions.most)
        self._beginning = asyncio.Lock()

    @property
    def settings(self) -> ServerSettings:
        return self._settings

    def use(self, settings: ServerSettings, subscriptions: SubscriptionSettings = WATCHED) -> None:
        """From now on these; what runs has the turns, and the time, that it was given."""
        self._settings, self.subscriptions = settings, subscriptions
        self.answers, self.together = Answers(self.answers.most_bytes), Together()  # the accounts may be others
        self.changes.pace(subscriptions.poll)
        self.streams.most = subscriptions.most
        if settings.max_requests != self._gate.most:
            self._gate = Gate(settings.max_requests)

    def deadline(self) -> float:
        """When an operation that is asked now must be answered, on the loop's clock; its calls end a little earlier."""
        seconds = self._settings.deadline
        end = asyncio.get_running_loop().time() + seconds
        deadline.set(end - min(MAX_RESERVE, seconds / 10))
        return end

    async def asked(self, operation: Operation, request_id: str, *, fresh: bool = False) -> Asked:
        """An operation of a document; raises BadRequestError where there is none, or GraphQLSyntaxError.

        To begin one holds the loop, so that of a crowd one begins at a time: between any two the loop hears who else
        has come, whose time counts from then.
        """
        async with self._beginning:
            await asyncio.sleep(0)
        document = self._schema.documents(self._persisted.text(operation))
        try:
            kind = document.select_operation(operation.operation_name).operation
        except GraphQLError as error:
            raise BadRequestError(error.message) from None
        return Asked(document, operation, kind, request_id, fresh)

    async def answer(self, asked: Asked, end: float) -> Answer:
        """The one answer to a query; raises Busy and Late."""
        key = None if asked.fresh else key_of(asked.document.text, asked.operation)
        if key is None:
            return await self._made(asked, end, None)
        kept = self.answers.find(key)
        if kept is not None:
            return kept
        return await self.together.answer(key, lambda: self._made(asked, end, key))

    async def _made(self, asked: Asked, end: float, key: Key | None) -> Answer:
        """An answer that is made now, and kept where it may be."""
        answers, made_of = self.answers, Uses()
        uses.set(made_of)
        answer = replace(await self._answered(asked, end), key=key)
        return answers.keep(key, answer, made_of)

    def kept(self, key: Key) -> Answer | None:
        """The answer that is kept by that key."""
        return self.answers.find(key)

    async def _answered(self, asked: Asked, end: float) -> Answer:
        async with self._gate.turn(end):
            with self._context(asked) as context:
                executor = self._executor(asked, context)
                if isinstance(executor, list):
                    return Answer(shown(None, executor, asked.request_id))
                result = await _within(end, context, executor.execute_operation())
                ledger = None if result.errors else context.ledger
                return Answer(_members(result, context, asked), ledger=ledger)

    async def payloads(self, asked: Asked, end: float) -> AsyncGenerator[Members, None]:
        """The parts of the answer to a query that defers some: the first waits for nothing deferred."""
        async with self._gate.turn(end):
            with self._context(asked) as context:
                executor = self._executor(asked, context, incremental=True)
                if isinstance(executor, list):
                    yield shown(None, executor, asked.request_id)
                    return
                result = await _within(end, context, executor.execute_operation())
                if isinstance(result, ExecutionResult):
                    yield {**_members(result, context, asked), "hasNext": False}
                    return
                async with aclosing(_parts(result, end, context)) as parts:
                    async for part in parts:
                        yield payload(part, context, asked.request_id)

    async def events(self, asked: Asked) -> AsyncGenerator[Members, None]:
        """The answers to a subscription, one for each event, each with a deadline and a context of its own."""
        with self._context(asked) as context:
            executor = self._executor(asked, context)
            if isinstance(executor, list):
                yield shown(None, executor, asked.request_id)
                return
            source = await _awaited(create_source_event_stream(executor))
        if isinstance(source, ExecutionResult):
            yield shown(None, source.errors or [], asked.request_id)
            return
        async with aclosing(source) as stream:
            async for event in _presented(stream, asked.request_id):
                yield event if isinstance(event, dict) else await self._event(executor, event, asked)

    async def _event(self, subscription: Executor, event: object, asked: Asked) -> Members:
        end = self.deadline()
        try:
            async with self._gate.turn(end):
                with self._context(asked) as context:
                    executor = subscription.build_per_event_executor(event)
                    executor.context_value = context
                    result = await _within(end, context, executor.execute_operation(serially=False))
                    return _members(result, context, asked)
        except Exception as error:  # noqa: BLE001 (an event that cannot be told ends no stream)
            return told(error, asked.request_id)

    @contextmanager
    def _context(self, asked: Asked) -> Iterator[RequestContext]:
        roster = self.in_use()
        read_through.set(asked.fresh and all(member.account.sandbox for member in roster))
        context = RequestContext(roster, self.changes)
        try:
            yield context
        finally:
            context.close()

    def _executor(self, asked: Asked, context: RequestContext, **options: Any) -> Executor | list[GraphQLError]:
        operation = asked.operation
        return self._schema.prepare_execution(
            asked.document, operation.operation_name, operation.variables, context, **options
        )


async def _awaited(result: Any) -> Any:
    return await result if hasattr(result, "__await__") else result


async def _within(end: float, context: RequestContext, result: Any) -> Any:
    """What an execution comes to; raises Late."""
    try:
        async with asyncio.timeout_at(end):
            return await _awaited(result)
    except TimeoutError:
        raise Late(context.ledger) from None


def _members(result: ExecutionResult, context: RequestContext, asked: Asked) -> Members:
    return shown(result.data, result.errors or [], asked.request_id) | covered(context.ledger)


async def _parts(
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
                late = Late(context.ledger)
                failed = [CompletedResult(name, [late]) for name in pending]
                yield SubsequentIncrementalExecutionResult(has_next=False, completed=failed)
                return
            if part is None:
                return
            pending |= {found.id for found in part.pending or ()}
            pending -= {found.id for found in part.completed or ()}
            yield part


async def _presented(stream: AsyncGenerator[Any, None], request_id: str) -> AsyncIterator[Any]:
    """The events; where the stream fails, its error in their place, and the end."""
    try:
        async for event in stream:
            yield event
    except Exception as error:  # noqa: BLE001 (as everywhere, its caller hears a code and a sentence)
        located = error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
        yield shown(None, [located], request_id)
