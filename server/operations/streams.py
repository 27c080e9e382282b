"""The streams that are open: so many at most, and all of them end when the service stops."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

from .admission import Overloaded

JsonObject = dict[str, Any]


class StreamRegistry:
    """Of one service."""

    def __init__(self, most: int) -> None:
        self.max_streams, self.open = most, 0
        self._stopping = asyncio.Event()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    async def stopped(self) -> None:
        """Waits for the end."""
        await self._stopping.wait()

    def stop(self) -> None:
        """Ends those that would not end by themselves; what a query still owes is sent."""
        self._stopping.set()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Around one stream; raises Busy."""
        if self.open >= self.max_streams:
            raise Overloaded
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1

    async def with_heartbeats(
        self, parts: AsyncGenerator[JsonObject, None], pause: float, *, endless: bool
    ) -> AsyncGenerator[JsonObject | None, None]:
        """The parts, and null for each pause without one. `endless`: until the service stops."""
        context, stopping = copy_context(), asyncio.create_task(self._stopping.wait())
        following: asyncio.Task[JsonObject | None] | None = None
        try:
            while True:
                following = following or asyncio.create_task(_next(parts), context=context)
                waited = (following, stopping) if endless else (following,)
                await asyncio.wait(waited, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                if following.done():
                    part, following = following.result(), None
                    if part is None:
                        return
                    yield part
                elif endless and stopping.done():
                    return
                else:
                    yield None
        finally:
            stopping.cancel()
            if following is not None:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
            await asyncio.create_task(_closed(parts), context=context)


async def _next(parts: AsyncGenerator[JsonObject, None]) -> JsonObject | None:
    return await anext(parts, None)


async def _closed(parts: AsyncGenerator[JsonObject, None]) -> None:
    await parts.aclose()
