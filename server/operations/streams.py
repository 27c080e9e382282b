"""Open streams: a bounded number, divided between callers. Those of subscriptions end when the service stops."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from graphql import GraphQLError, OperationType
from structlog.contextvars import bind_contextvars

from .admission import Overloaded
from .audit import AuditLog
from .fair_slots import Ending, FairSlots
from .operation import OperationRequest
from .response import JsonObject, result_payload


class StreamRegistry:
    """The open streams of one service."""

    def __init__(self, max_streams: int, audit: AuditLog) -> None:
        self.slots, self._audit = FairSlots(max_streams), audit
        self._stopping = asyncio.Event()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    async def wait_until_stopped(self) -> None:
        """Wait until `stop` is called."""
        await self._stopping.wait()

    def stop(self) -> None:
        """End the endless streams. The stream of a query still sends its remaining parts."""
        self._stopping.set()

    async def run(
        self, operation: OperationRequest, parts: AsyncGenerator[JsonObject, None], interval_seconds: float
    ) -> AsyncGenerator[JsonObject | None, None]:
        """Yield the parts of an operation, and None after each interval without one, in a slot of its caller.

        A subscription ends when the service stops. Raises Overloaded without a slot, or when another caller takes it.
        """
        last_part, error = dict[str, Any](), None
        try:
            with self.slots.hold(operation.caller_key) as ending:
                async with aclosing(self._with_heartbeats(operation, parts, interval_seconds, ending)) as paced:
                    async for part in paced:
                        last_part = part or last_part
                        yield part
        except BaseException as failure:
            error = failure
            raise
        finally:
            self._audit.record_stream(operation, last_part, error)
            del error  # its traceback refers to this frame

    async def _with_heartbeats(
        self,
        operation: OperationRequest,
        parts: AsyncGenerator[JsonObject, None],
        interval_seconds: float,
        ending: Ending,
    ) -> AsyncGenerator[JsonObject | None, None]:
        is_endless = operation.kind is OperationType.SUBSCRIPTION
        stopping = asyncio.create_task(self._stopping.wait())
        next_part: asyncio.Task[JsonObject | None] | None = None
        try:
            while True:
                next_part = next_part or asyncio.create_task(_next(parts, operation.request_id))
                tasks = (next_part, ending, stopping) if is_endless else (next_part, ending)
                await asyncio.wait(tasks, timeout=interval_seconds, return_when=asyncio.FIRST_COMPLETED)
                if next_part.done():
                    part, next_part = next_part.result(), None
                    if part is None:
                        return
                    yield part
                elif ending.done():
                    raise Overloaded
                elif is_endless and stopping.done():
                    return
                else:
                    yield None
        finally:
            stopping.cancel()
            if next_part is not None:
                next_part.cancel()
                await asyncio.gather(next_part, return_exceptions=True)
            await asyncio.create_task(_close(parts))


async def _next(parts: AsyncGenerator[JsonObject, None], request_id: str) -> JsonObject | None:
    """Return the next part, or None at the end. It is a task of its own, so the id is in its log lines only."""
    bind_contextvars(request_id=request_id)
    return await anext(parts, None)


async def _close(parts: AsyncGenerator[JsonObject, None]) -> None:
    await parts.aclose()


async def events_or_error(stream: AsyncGenerator[Any, None], request_id: str) -> AsyncIterator[Any]:
    """Yield a subscription's events. If the stream fails, yield the response object of its error and end."""
    try:
        async for event in stream:
            yield event
    except Exception as error:  # noqa: BLE001 (the client gets a code and a message, as for any other error)
        located_error = error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
        yield result_payload(None, [located_error], request_id)
