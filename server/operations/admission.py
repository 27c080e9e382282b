"""Back pressure: so many operations run at once, the next wait a moment, and then hear that the service is busy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MAX_QUEUE_SECONDS = 1.0  # seconds that an operation waits for its turn


class Overloaded(Exception):
    """As many operations run as may, and none of them ended in time."""


class AdmissionController:
    """Lets `most` operations run at once, first come first served."""

    def __init__(self, most: int) -> None:
        self.max_concurrent = most
        self._slots = asyncio.Semaphore(most)

    @asynccontextmanager
    async def admit(self, until: float) -> AsyncIterator[None]:
        """Around an operation that must be done by `until` on the loop's clock; raises Busy."""
        until = min(until, asyncio.get_running_loop().time() + MAX_QUEUE_SECONDS)
        try:
            async with asyncio.timeout_at(until):
                await self._slots.acquire()
        except TimeoutError:
            raise Overloaded from None
        try:
            yield
        finally:
            self._slots.release()
