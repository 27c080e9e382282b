"""Admission control: a bound on concurrent operations, with a short queue."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

from schema.coverage import FailureCode

MAX_QUEUE_SECONDS = 1.0  # seconds that an operation waits for a slot before the service reports that it is busy


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
    """Runs at most `max_concurrent` operations at once; the others wait in order of arrival."""

    def __init__(self, max_concurrent: int) -> None:
        self.max_concurrent = max_concurrent
        self._slots = asyncio.Semaphore(max_concurrent)

    @asynccontextmanager
    async def admit(self, deadline: float) -> AsyncIterator[None]:
        """Hold a slot for an operation that must finish by `deadline`, an instant on the loop's clock.

        Raises Overloaded if no slot is free by then, or after MAX_QUEUE_SECONDS.
        """
        queue_deadline = min(deadline, asyncio.get_running_loop().time() + MAX_QUEUE_SECONDS)
        try:
            async with asyncio.timeout_at(queue_deadline):
                await self._slots.acquire()
        except TimeoutError:
            raise Overloaded from None
        try:
            yield
        finally:
            self._slots.release()
