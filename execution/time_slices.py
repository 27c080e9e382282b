"""Time slices: completion holds the event loop for a short time, then lets other tasks run."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from .gather import gather_or_cancel

SLICE_SECONDS = 0.01  # seconds; a list without resolvers is completed in one step, which may add a few times as much
MAX_WAKES = 32  # waiting completions that run in one slice at most
CompleteItem = Callable[[int, Any, list[Any]], bool]  # appends the item with this index, and returns if it is awaitable


class TimeSlices:
    """The slices of one event loop, which all of its operations share.

    A slice begins when completion first asks for it, and ends with the turn of the event loop at the latest.
    """

    def __init__(self, seconds: float = SLICE_SECONDS, clock: Callable[[], float] = perf_counter) -> None:
        self._seconds, self._clock = seconds, clock
        self._end: float | None = None  # of the current slice
        self._is_scheduled = False
        self._waiters: deque[asyncio.Future[None]] = deque()

    def is_over(self) -> bool:
        """Return whether the current slice is used up. Begins a slice if there is none."""
        if self._end is None:
            self._end = self._clock() + self._seconds
            self._schedule()
            return False
        return self._clock() >= self._end

    async def wait(self) -> None:
        """Wait for a slice with time left, in order of arrival."""
        while True:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            self._schedule()
            await waiter
            if not self.is_over():
                return

    def _schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._begin_turn)

    def _begin_turn(self) -> None:
        """End the slice: the event loop has run. Wake the next completions."""
        self._end, self._is_scheduled = None, False
        woken = 0
        while self._waiters and woken < MAX_WAKES:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                woken += 1
        if self._waiters:
            self._schedule()


class ListCompletion:
    """Completes the items of a list. What a slice has no time for follows in later ones."""

    __slots__ = ("_complete_item", "_items", "_pending", "_results", "_slices")

    def __init__(self, slices: TimeSlices, items: Iterable[Any], complete_item: CompleteItem) -> None:
        self._slices, self._items, self._complete_item = slices, enumerate(items), complete_item
        self._results, self._pending = list[Any](), list[int]()

    @property
    def pending(self) -> list[Any]:
        """The items to await."""
        return [self._results[index] for index in self._pending]

    def run(self, on_error: Callable[[list[Any]], None]) -> Any:
        """Return the completed list, or an awaitable of it. An error passes the items to await to `on_error`."""
        if self._complete_some(on_error):
            return self._await_pending() if self._pending else self._results
        return self._complete_rest(on_error)

    def _complete_some(self, on_error: Callable[[list[Any]], None]) -> bool:
        """Complete items until the slice is over. Return True if none is left."""
        complete_item, results, pending, is_over = (
            self._complete_item,
            self._results,
            self._pending,
            self._slices.is_over,
        )
        try:
            for index, item in self._items:
                if complete_item(index, item, results):
                    pending.append(index)
                if is_over():
                    return False
        except Exception:
            if pending:
                on_error(self.pending)
            raise
        return True

    async def _complete_rest(self, on_error: Callable[[list[Any]], None]) -> list[Any]:
        await self._slices.wait()
        while not self._complete_some(on_error):
            await self._slices.wait()
        return await self._await_pending() if self._pending else self._results

    async def _await_pending(self) -> list[Any]:
        for index, item in zip(self._pending, await gather_or_cancel(self.pending), strict=True):
            self._results[index] = item
        return self._results
