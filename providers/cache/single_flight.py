"""Coalescing: callers that need the same key at the same time share one fetch."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from contextvars import Context
from typing import Any, Generic, TypeVar

WaiterT = TypeVar("WaiterT", bound=Hashable)
T = TypeVar("T")


class Flight(Generic[WaiterT]):
    """A fetch in progress and its waiters."""

    task: asyncio.Task[None]

    def __init__(self, *, is_background: bool) -> None:
        self.is_background = is_background  # continues without waiters
        self.waiters: dict[WaiterT, None] = {}


class SingleFlight(Generic[WaiterT, T]):
    """The fetches in progress, by key. A fetch is cancelled when its last waiter leaves, and with no other waiter.

    `settle` is called with each waiter and the fetched value or the failure. The value is None if the fetch was
    cancelled by other code.
    """

    def __init__(self, settle: Callable[[WaiterT, T | Exception | None], None]) -> None:
        self._settle = settle
        self._flights: dict[str, Flight[WaiterT]] = {}

    def join(self, key: str, waiter: WaiterT, start: Callable[[], Coroutine[Any, Any, T]], context: Context) -> bool:
        """Add a waiter to the fetch in progress. Call `start` if there is none. Returns whether it was called.

        The fetch runs in `context`.
        """
        flight = self._flights.get(key)
        is_first = flight is None
        if flight is None:
            flight = self._launch(key, start, context, is_background=False)
        flight.waiters[waiter] = None
        return is_first

    def fetch_in_background(self, key: str, start: Callable[[], Coroutine[Any, Any, T]]) -> None:
        """Start a fetch that continues without waiters. Does nothing if a fetch is in progress."""
        if key not in self._flights:
            self._launch(key, start, Context(), is_background=True)

    def leave(self, key: str, waiter: WaiterT) -> None:
        """Remove a waiter. Cancels the fetch if it was the last one."""
        flight = self._flights.get(key)
        if flight is None or waiter not in flight.waiters:
            return
        del flight.waiters[waiter]
        if not (flight.waiters or flight.is_background):
            del self._flights[key]
            flight.task.cancel()

    def _launch(
        self, key: str, start: Callable[[], Coroutine[Any, Any, T]], context: Context, *, is_background: bool
    ) -> Flight[WaiterT]:
        flight: Flight[WaiterT] = Flight(is_background=is_background)
        self._flights[key] = flight
        flight.task = asyncio.get_running_loop().create_task(self._run(key, flight, start), context=context)
        return flight

    async def _run(self, key: str, flight: Flight[WaiterT], start: Callable[[], Coroutine[Any, Any, T]]) -> None:
        try:
            value = await start()
        except Exception as failure:  # noqa: BLE001 (the waiters raise it; a background fetch has none)
            self._finish(key, flight, failure)
        except BaseException:
            self._finish(key, flight, None)
            raise
        else:
            self._finish(key, flight, value)

    def _finish(self, key: str, flight: Flight[WaiterT], outcome: T | Exception | None) -> None:
        """Settle the waiters. The flight then refers to nothing.

        A failure refers to the flight by its traceback, so a reference from the flight would form a cycle.
        """
        if self._flights.get(key) is flight:
            del self._flights[key]
        waiters, flight.waiters = flight.waiters, {}
        del flight.task
        for waiter in waiters:
            self._settle(waiter, outcome)
