"""The same operation asked by many at once is executed once for all of them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from schema.coverage import FailureCode

from .response import Answer, Key

_HASTE = {FailureCode.TIMED_OUT, FailureCode.RATE_LIMITED}  # who has more time may have what lacks for these
Make = Callable[[], Coroutine[Any, Any, Answer]]
Execution = asyncio.Task[Answer]
Place = asyncio.Future[Execution | None]  # of one who waits: who leaves cancels it; null where nothing was begun
_SPREAD = 0.02  # seconds in which all are told
_TURNS = 4  # of the loop for each who is told of what was long in coming
_LONG = 0.01  # seconds after which an execution has waited for its providers


class _Flight:
    """One execution, or one to come, and who waits for it."""

    execution: Execution | None = None

    def __init__(self) -> None:
        self.places: dict[Place, None] = {}  # in the order in which they came
        self.begun_at = asyncio.get_running_loop().time()


class Together:
    """Executions under way. The last who waits for one ends it when he leaves; who leaves before disturbs nobody."""

    def __init__(self) -> None:
        self._flights: dict[Key, _Flight] = {}

    @property
    def in_progress(self) -> int:
        """The number of executions under way."""
        return len(self._flights)

    async def answer(self, key: Key, make: Make) -> Answer:
        """What the execution under way comes to, if that would be the same for everybody; else what `make` does."""
        flight = self._flights.setdefault(key, _Flight())
        place = self._place(key, flight)
        if flight.execution is None:
            execution = self._begin(key, flight, make)
            await place
            return execution.result()
        return common(await place) or await make()

    @contextmanager
    def announced(self, key: Key) -> Iterator[None]:
        """Around one who is about to ask, so that others wait for his execution before it has begun."""
        if key in self._flights:
            yield
            return
        flight = self._flights[key] = _Flight()
        try:
            yield
        finally:
            if flight.execution is None:
                self._landed(key, flight)

    def join(self, key: Key) -> Place | None:
        """Where to wait for the end of the execution under way; null where there is none."""
        flight = self._flights.get(key)
        return None if flight is None else self._place(key, flight)

    def _begin(self, key: Key, flight: _Flight, make: Make) -> Execution:
        execution = flight.execution = asyncio.create_task(make())
        execution.add_done_callback(lambda _: self._landed(key, flight))
        return execution

    def _place(self, key: Key, flight: _Flight) -> Place:
        place: Place = asyncio.get_running_loop().create_future()
        flight.places[place] = None
        place.add_done_callback(partial(self._left, key, flight))
        return place

    def _left(self, key: Key, flight: _Flight, place: Place) -> None:
        flight.places.pop(place, None)
        if not flight.places and flight.execution is not None and not flight.execution.done():
            self._landed(key, flight)
            flight.execution.cancel()

    def _landed(self, key: Key, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        execution = flight.execution
        if execution is not None and execution.done() and not execution.cancelled():
            execution.exception()  # who waited has it
        places, now = iter(list(flight.places)), asyncio.get_running_loop().time()
        if now - flight.begun_at > _LONG:
            _tell_in_turn(execution, places, now + _SPREAD)
        else:
            _tell(execution, places)


def _tell(execution: Execution | None, places: Iterable[Place]) -> None:
    for place in places:
        if not place.done():
            place.set_result(execution)


def _tell_in_turn(execution: Execution | None, places: Iterator[Place], until: float, turn: int = 0) -> None:
    """One every few turns of the loop, which meanwhile hears who asks next, and lets his calls leave: his providers are
    at work while the others are still being answered. Where the loop is busy, all that are left at `until`."""
    loop = asyncio.get_running_loop()
    if loop.time() > until:
        _tell(execution, places)
        return
    if turn % _TURNS == 0:
        place = next(places, None)
        if place is None:
            return
        _tell(execution, [place])
    loop.call_soon(_tell_in_turn, execution, places, until, turn + 1)


def common(execution: Execution | None) -> Answer | None:
    """What an execution came to; null where that is its own caller's only: an error, which names the request that it
    befell, or what only haste has left out."""
    if execution is None or execution.cancelled() or execution.exception():
        return None
    answer = execution.result()
    return answer if answer.ledger is not None and answer.ledger.codes.isdisjoint(_HASTE) else None
