"""Admission control: a bound on concurrent operations, with a short queue for each caller."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

from providers.fair_semaphore import FairSemaphore
from schema.coverage import FailureCode

MAX_QUEUE_SECONDS = 1.0  # seconds that an operation waits for a slot before the service reports that it is busy
MAX_MULTIPLE = 9  # a caller starts an operation while it runs fewer than so many times the free slots


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
    """Runs at most `max_concurrent` operations at once, divided fairly between callers; the others wait.

    One caller gets nine tenths of the slots, and n busy ones 9n of 9n + 1, so that newcomers do not wait.
    """

    def __init__(self, max_concurrent: int) -> None:
        self.max_concurrent = max_concurrent
        self._slots = FairSemaphore(max_concurrent, MAX_MULTIPLE)

    @property
    def running(self) -> int:
        """The number of operations that hold a slot."""
        return self._slots.taken

    @property
    def waiting(self) -> int:
        """The number of operations that wait for a slot."""
        return self._slots.waiting

    @asynccontextmanager
    async def admit(self, deadline: float, caller: str) -> AsyncIterator[None]:
        """Hold a slot for an operation that must finish by `deadline`, an instant on the loop's clock.

        Raises Overloaded if no slot is free by then, or after MAX_QUEUE_SECONDS.
        """
        if not self._slots.take_now(caller):
            try:
                async with asyncio.timeout_at(min(deadline, asyncio.get_running_loop().time() + MAX_QUEUE_SECONDS)):
                    await self._slots.wait(caller)
            except TimeoutError:
                raise Overloaded from None
        try:
            yield
        finally:
            self._slots.release(caller)
