"""The same operation asked by many at once is executed once for all of them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from schema.coverage import FailureCode

from .answer import Answer, Key

_HASTE = {FailureCode.TIMED_OUT, FailureCode.RATE_LIMITED}  # who has more time may have what lacks for these
Make = Callable[[], Coroutine[Any, Any, Answer]]


class _Flight:
    """One execution, and how many wait for it."""

    def __init__(self, task: asyncio.Task[Answer]) -> None:
        self.task, self.waiting = task, 0


class Together:
    """Executions under way. The last who waits for one ends it when he leaves; who leaves before disturbs nobody."""

    def __init__(self) -> None:
        self._flights: dict[Key, _Flight] = {}

    async def answer(self, key: Key, make: Make) -> Answer:
        """What the execution under way comes to, if that would be the same for everybody; else what `make` does."""
        if key not in self._flights:
            return await self._wait(key, self._begin(key, make))
        return await self.join(key) or await make()

    async def join(self, key: Key) -> Answer | None:
        """What the execution under way comes to; null where there is none, or it is for its own caller only."""
        flight = self._flights.get(key)
        if flight is None:
            return None
        try:
            answer = await self._wait(key, flight)
        except Exception:  # noqa: BLE001 (it was late, or held back: that is for each to find out)
            return None
        return answer if _for_everybody(answer) else None

    def __contains__(self, key: Key) -> bool:
        return key in self._flights

    def _begin(self, key: Key, make: Make) -> _Flight:
        flight = self._flights[key] = _Flight(asyncio.create_task(make()))
        flight.task.add_done_callback(lambda _: self._landed(key, flight))
        return flight

    async def _wait(self, key: Key, flight: _Flight) -> Answer:
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._landed(key, flight)
                flight.task.cancel()

    def _landed(self, key: Key, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if flight.task.done() and not flight.task.cancelled():
            flight.task.exception()  # who waited has it


def _for_everybody(answer: Answer) -> bool:
    """Without an error, which names the request that it befell, or what only haste has left out."""
    return answer.ledger is not None and answer.ledger.codes.isdisjoint(_HASTE)
