"""Admission control: a bound on concurrent operations, with a short queue for each caller."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

from schema.coverage import FailureCode

MAX_QUEUE_SECONDS = 1.0  # seconds that an operation waits for a slot before the service reports that it is busy
Waiter = asyncio.Future[None]


class RetryLater(Exception):
    """An operation is not executed now. `retry_after` is in whole seconds."""

    status: ClassVar[int]  # of HTTP
    code: ClassVar[FailureCode]

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Overloaded(RetryLater):
    """The maximum number of operations or streams is running, and no slot became free in time."""

    status, code = 503, FailureCode.UNAVAILABLE

    def __init__(self) -> None:
        super().__init__("The service is busy. Retry in a moment.", 1)


class AdmissionController:
    """Runs at most `max_concurrent` operations at once; the others wait.

    A free slot goes to the waiting caller that runs the fewest operations, and among equal ones to the caller whose
    turn is longest ago. So a caller with many operations waits for its own, and other callers do not wait for them. A
    caller that is alone may take every slot. The operations of one caller start in order of arrival.
    """

    def __init__(self, max_concurrent: int) -> None:
        self.max_concurrent = max_concurrent
        self._taken = 0  # slots
        self._running: Counter[str] = Counter()  # operations by caller
        self._queues: dict[str, dict[Waiter, None]] = {}  # by caller; the one that had its turn last is the last

    @property
    def running(self) -> int:
        """The number of operations that hold a slot."""
        return self._taken

    @property
    def waiting(self) -> int:
        """The number of operations that wait for a slot."""
        return sum(map(len, self._queues.values()))

    @asynccontextmanager
    async def admit(self, deadline: float, caller: str) -> AsyncIterator[None]:
        """Hold a slot for an operation that must finish by `deadline`, an instant on the loop's clock.

        Raises Overloaded if no slot is free by then, or after MAX_QUEUE_SECONDS.
        """
        if self._taken < self.max_concurrent:
            self._take(caller)
        else:
            await self._wait(caller, min(deadline, asyncio.get_running_loop().time() + MAX_QUEUE_SECONDS))
        try:
            yield
        finally:
            self._release(caller)

    async def _wait(self, caller: str, deadline: float) -> None:
        """Wait for a slot, which `_release` takes for this operation."""
        waiter: Waiter = asyncio.get_running_loop().create_future()
        self._queues.setdefault(caller, {})[waiter] = None
        try:
            async with asyncio.timeout_at(deadline):
                await waiter
        except BaseException as error:
            if waiter.cancelled():
                self._leave(caller, waiter)
            else:  # the slot and the end of the wait arrive together
                self._release(caller)
            if isinstance(error, TimeoutError):
                raise Overloaded from None
            raise

    def _take(self, caller: str) -> None:
        self._taken += 1
        self._running[caller] += 1

    def _leave(self, caller: str, waiter: Waiter) -> None:
        queue = self._queues.get(caller, {})
        queue.pop(waiter, None)
        if not queue:
            self._queues.pop(caller, None)

    def _release(self, caller: str) -> None:
        """Free the slot of a caller, and give it to the next one that waits."""
        self._taken -= 1
        self._running[caller] -= 1
        if not self._running[caller]:
            del self._running[caller]
        while self._queues:
            next_caller = min(self._queues, key=self._running.__getitem__)
            queue = self._queues.pop(next_caller)
            waiter = next(iter(queue))
            del queue[waiter]
            if queue:
                self._queues[next_caller] = queue
            if not waiter.done():  # else its operation was cancelled a moment ago
                self._take(next_caller)
                waiter.set_result(None)
                return
