"""The same operation asked by many at once is executed once for all of them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from schema.coverage import FailureCode

from .response import CacheKey, GraphQLResponse

NOT_SHAREABLE_CODES = {
    FailureCode.TIMED_OUT,
    FailureCode.RATE_LIMITED,
}  # who has more time may have what lacks for these
Make = Callable[[], Coroutine[Any, Any, GraphQLResponse]]
Execution = asyncio.Task[GraphQLResponse]
Waiter = asyncio.Future[Execution | None]  # of one who waits: who leaves cancels it; null where nothing was begun
MAX_WAKE_SECONDS = 0.02  # seconds in which all are told
LOOP_TURNS_PER_WAITER = 4  # of the loop for each who is told of what was long in coming
LONG_EXECUTION_SECONDS = 0.01  # seconds after which an execution has waited for its providers


class Flight:
    """One execution, or one to come, and who waits for it."""

    execution: Execution | None = None

    def __init__(self) -> None:
        self.waiters: dict[Waiter, None] = {}  # in the order in which they came
        self.begun_at = asyncio.get_running_loop().time()


class SingleFlight:
    """Executions under way. The last who waits for one ends it when he leaves; who leaves before disturbs nobody."""

    def __init__(self) -> None:
        self._flights: dict[CacheKey, Flight] = {}

    @property
    def in_progress(self) -> int:
        """The number of executions under way."""
        return len(self._flights)

    async def join_or_start(self, key: CacheKey, make: Make) -> GraphQLResponse:
        """What the execution under way comes to, if that would be the same for everybody; else what `make` does."""
        flight = self._flights.setdefault(key, Flight())
        place = self._wait(key, flight)
        if flight.execution is None:
            execution = self._start(key, flight, make)
            await place
            return execution.result()
        return shareable_response(await place) or await make()

    @contextmanager
    def reserve(self, key: CacheKey) -> Iterator[None]:
        """Around one who is about to ask, so that others wait for his execution before it has begun."""
        if key in self._flights:
            yield
            return
        flight = self._flights[key] = Flight()
        try:
            yield
        finally:
            if flight.execution is None:
                self._finish(key, flight)

    def join(self, key: CacheKey) -> Waiter | None:
        """Where to wait for the end of the execution under way; null where there is none."""
        flight = self._flights.get(key)
        return None if flight is None else self._wait(key, flight)

    def _start(self, key: CacheKey, flight: Flight, make: Make) -> Execution:
        execution = flight.execution = asyncio.create_task(make())
        execution.add_done_callback(lambda _: self._finish(key, flight))
        return execution

    def _wait(self, key: CacheKey, flight: Flight) -> Waiter:
        place: Waiter = asyncio.get_running_loop().create_future()
        flight.waiters[place] = None
        place.add_done_callback(partial(self._left, key, flight))
        return place

    def _left(self, key: CacheKey, flight: Flight, place: Waiter) -> None:
        flight.waiters.pop(place, None)
        if not flight.waiters and flight.execution is not None and not flight.execution.done():
            self._finish(key, flight)
            flight.execution.cancel()

    def _finish(self, key: CacheKey, flight: Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        execution = flight.execution
        if execution is not None and execution.done() and not execution.cancelled():
            execution.exception()  # who waited has it
        places, now = iter(list(flight.waiters)), asyncio.get_running_loop().time()
        if now - flight.begun_at > LONG_EXECUTION_SECONDS:
            wake_gradually(execution, places, now + MAX_WAKE_SECONDS)
        else:
            _tell(execution, places)


def _tell(execution: Execution | None, places: Iterable[Waiter]) -> None:
    for place in places:
        if not place.done():
            place.set_result(execution)


def wake_gradually(execution: Execution | None, places: Iterator[Waiter], until: float, turn: int = 0) -> None:
    """One every few turns of the loop, which meanwhile hears who asks next, and lets his calls leave: his providers are
    at work while the others are still being answered. Where the loop is busy, all that are left at `until`."""
    loop = asyncio.get_running_loop()
    if loop.time() > until:
        _tell(execution, places)
        return
    if turn % LOOP_TURNS_PER_WAITER == 0:
        place = next(places, None)
        if place is None:
            return
        _tell(execution, [place])
    loop.call_soon(wake_gradually, execution, places, until, turn + 1)


def shareable_response(execution: Execution | None) -> GraphQLResponse | None:
    """What an execution came to; null where that is its own caller's only: an error, which names the request that it
    befell, or what only haste has left out."""
    if execution is None or execution.cancelled() or execution.exception():
        return None
    answer = execution.result()
    return answer if answer.outcomes is not None and answer.outcomes.codes.isdisjoint(NOT_SHAREABLE_CODES) else None
