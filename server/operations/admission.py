"""Back pressure: so many operations run at once, the next wait a moment, and then hear that the service is busy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PATIENCE = 1.0  # seconds that an operation waits for its turn


class Busy(Exception):
    """As many operations run as may, and none of them ended in time."""


class Gate:
    """Lets `most` operations run at once, first come first served."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._turns = asyncio.Semaphore(most)

    @asynccontextmanager
    async def turn(self, until: float) -> AsyncIterator[None]:
        """Around an operation that must be done by `until` on the loop's clock; raises Busy."""
        until = min(until, asyncio.get_running_loop().time() + PATIENCE)
        try:
            async with asyncio.timeout_at(until):
                await self._turns.acquire()
        except TimeoutError:
            raise Busy from None
        try:
            yield
        finally:
            self._turns.release()
