"""Coalescing: identical operations that arrive at the same time share one execution."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from schema.coverage import FailureCode

from .response import CacheKey, GraphQLResponse

# Reasons for missing data. Waiters with a later deadline may succeed, so these responses are not shared.
NOT_SHAREABLE_CODES = {FailureCode.TIMED_OUT, FailureCode.RATE_LIMITED}
ExecutionFactory = Callable[[], Coroutine[Any, Any, GraphQLResponse]]
Execution = asyncio.Task[GraphQLResponse]
Waiter = asyncio.Future[Execution | None]  # cancelled if its request is; its result is None if no execution started
MAX_WAKE_SECONDS = 0.02  # seconds after the end of an execution in which all of its waiters are woken
LOOP_TURNS_PER_WAITER = 4  # turns of the event loop for each waiter that is woken gradually
LONG_EXECUTION_SECONDS = 0.01  # seconds; a longer execution must have waited for a provider


class Flight:
    """One execution, or a reservation for one, and its waiters."""

    execution: Execution | None = None  # None until it starts

    def __init__(self) -> None:
        self.waiters: dict[Waiter, None] = {}  # in order of arrival
        self.started_at = asyncio.get_running_loop().time()


class SingleFlight:
    """Coalesces identical operations. An execution is cancelled with its last waiter, and with no other."""

    def __init__(self) -> None:
        self._flights: dict[CacheKey, Flight] = {}

    @property
    def in_progress(self) -> int:
        """The number of executions that are in progress or reserved."""
        return len(self._flights)

    async def join_or_start(self, key: CacheKey, start: ExecutionFactory) -> GraphQLResponse:
        """Return the response of the execution in progress. Call `start` if there is none or it cannot be shared."""
        flight = self._flights.setdefault(key, Flight())
        waiter = self._add_waiter(key, flight)
        if flight.execution is None:
            execution = self._start(key, flight, start)
            await waiter
            return execution.result()
        return shareable_response(await waiter) or await start()

    @contextmanager
    def reserve(self, key: CacheKey) -> Iterator[None]:
        """Register an execution that is about to start, so that identical operations already wait for it.

        If none starts within the block, the waiters get None. Does nothing if there is an execution or a reservation.
        """
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
        """Return a waiter for the end of the execution in progress or reserved, or None if there is none."""
        flight = self._flights.get(key)
        return None if flight is None else self._add_waiter(key, flight)

    def _start(self, key: CacheKey, flight: Flight, start: ExecutionFactory) -> Execution:
        execution = flight.execution = asyncio.create_task(start())
        execution.add_done_callback(lambda _: self._finish(key, flight))
        return execution

    def _add_waiter(self, key: CacheKey, flight: Flight) -> Waiter:
        waiter: Waiter = asyncio.get_running_loop().create_future()
        flight.waiters[waiter] = None
        waiter.add_done_callback(partial(self._remove_waiter, key, flight))
        return waiter

    def _remove_waiter(self, key: CacheKey, flight: Flight, waiter: Waiter) -> None:
        flight.waiters.pop(waiter, None)
        if not flight.waiters and flight.execution is not None and not flight.execution.done():
            self._finish(key, flight)
            flight.execution.cancel()

    def _finish(self, key: CacheKey, flight: Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        execution = flight.execution
        if execution is not None and execution.done() and not execution.cancelled():
            execution.exception()  # mark it as retrieved: the waiter that started the execution raises it
        waiters, now = iter(list(flight.waiters)), asyncio.get_running_loop().time()
        if now - flight.started_at > LONG_EXECUTION_SECONDS:
            wake_gradually(execution, waiters, now + MAX_WAKE_SECONDS)
        else:
            _wake(execution, waiters)


def _wake(execution: Execution | None, waiters: Iterable[Waiter]) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(execution)


def wake_gradually(execution: Execution | None, waiters: Iterator[Waiter], deadline: float, turn: int = 0) -> None:
    """Wake the first waiter now, and one more every LOOP_TURNS_PER_WAITER turns of the event loop.

    A measured optimization. Between two wake-ups the loop reads requests that arrive meanwhile and sends their
    provider calls. So the providers already work on these while the remaining waiters' responses are written.
    Otherwise new requests would be read only after the last of these responses.

    It is bounded twice. Only an execution of more than LONG_EXECUTION_SECONDS wakes its waiters gradually. In the first
    turn after `deadline`, an instant on the loop's clock, all remaining waiters wake together.
    """
    loop = asyncio.get_running_loop()
    if loop.time() > deadline:
        _wake(execution, waiters)
        return
    if turn % LOOP_TURNS_PER_WAITER == 0:
        waiter = next(waiters, None)
        if waiter is None:
            return
        _wake(execution, [waiter])
    loop.call_soon(wake_gradually, execution, waiters, deadline, turn + 1)


def shareable_response(execution: Execution | None) -> GraphQLResponse | None:
    """Return the response of an execution, or None if each waiter must execute the operation itself.

    Not shared: the result of no or a cancelled execution, an exception, a response with an error (the error names
    its request), and a response that lacks data only because of its deadline or of the rate limit.
    """
    if execution is None or execution.cancelled() or execution.exception():
        return None
    response = execution.result()
    return (
        response if response.outcomes is not None and response.outcomes.codes.isdisjoint(NOT_SHAREABLE_CODES) else None
    )
