"""Open streams: a bounded number, divided between callers. Those of subscriptions end when the service stops."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from graphql import GraphQLError

from .admission import Overloaded
from .fair_slots import Ending, FairSlots
from .response import JsonObject, result_payload


class StreamRegistry:
    """The open streams of one service."""

    def __init__(self, max_streams: int) -> None:
        self.slots = FairSlots(max_streams)
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

    async def with_heartbeats(
        self, parts: AsyncGenerator[JsonObject, None], interval_seconds: float, ending: Ending, *, is_endless: bool
    ) -> AsyncGenerator[JsonObject | None, None]:
        """Yield the parts, and None after each interval without one. An endless stream ends when the service stops.

        `ending`: that of the stream's slot. Raises Overloaded when another caller takes the slot.
        """
        stopping = asyncio.create_task(self._stopping.wait())
        next_part: asyncio.Task[JsonObject | None] | None = None
        try:
            while True:
                next_part = next_part or asyncio.create_task(_next(parts))
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


async def _next(parts: AsyncGenerator[JsonObject, None]) -> JsonObject | None:
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
