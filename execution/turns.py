"""Long operations run in turns: after a few milliseconds they give the event loop back, and other tasks run.

Completion is synchronous code, which cannot await. So it runs in a greenlet. `give_back` leaves the greenlet in the
middle, the task awaits its next turn, and then enters the greenlet again. If the task is cancelled meanwhile, for
example at the deadline, `give_back` raises CancelledError, and completion ends there. Code that can await calls
`Work.pause` instead.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from heapq import heappop, heappush
from itertools import count
from time import perf_counter
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from greenlet import getcurrent

from .steps import GAVE_BACK, State, StepGreenlet, leave, started_greenlet

T = TypeVar("T")
TURN_SECONDS = 0.002  # a short request needs about ten rounds of the event loop, each as long as a turn
START_SECONDS = 0.001  # that a short operation takes, which does not run in turns
SHORT_TURNS = 3  # work that has run for less is short, and does not wait between two steps
MAX_REST_SECONDS = 0.05  # of long work, after a step that exceeded its turn
MAX_WOKEN = 8  # works that are woken for one turn: the steps of most are much shorter
MAX_IDLE_GREENLETS = 8  # kept for the next steps, because creating one takes as long as a short step


class Turns:
    """The turns of one event loop, which all long work shares.

    A turn begins when work asks for it, and ends with the round of the event loop at the latest. Short work waits only
    before its start. Longer work waits whenever the turn is over, ordered by the time of its arrival plus the time that
    it has run. So the longest is the last one, and one step of those that wait follows in each round.

    A step that cannot be divided, such as the search for the rows of a long body, exceeds its turn. Then longer work
    rests for the same time: short work has half of the event loop, however long those steps are.
    """

    def __init__(self, seconds: float = TURN_SECONDS, clock: Callable[[], float] = perf_counter) -> None:
        self.seconds, self.clock = seconds, clock
        self._end: float | None = None  # of the current turn, on the clock
        self._rest_end = 0.0  # of perf_counter: until then only short work goes on
        self._is_scheduled = self._has_long_step = False
        self._waiters: list[_Waiter] = []  # a heap
        self._numbers = count()
        self._idle: list[StepGreenlet] = []

    @classmethod
    def of_loop(cls) -> "Turns":
        """Return the turns of the running event loop."""
        loop = asyncio.get_running_loop()
        turns = _turns_by_loop.get(loop)
        if turns is None:
            turns = _turns_by_loop[loop] = cls()
        return turns

    def is_busy(self) -> bool:
        """Return whether the next step has to wait: the turn is used up, or other work waits."""
        return bool(self._waiters) or self.is_over()

    def is_over(self) -> bool:
        """Return whether the turn is used up. Begins a turn if there is none."""
        if self._end is None:
            self._end = self.clock() + self.seconds
            self._schedule()
            return False
        return self.clock() >= self._end

    async def wait(self, work: "Work") -> None:
        """Wait for a turn."""
        arrival, number = self.clock(), next(self._numbers)
        while True:
            turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            heappush(self._waiters, _Waiter(arrival + work.seconds, number, turn, work, arrival))
            self._schedule()
            is_first = await turn
            if not work.is_short:
                if (rest := self._rest_end - perf_counter()) > 0:
                    await asyncio.sleep(rest)
                    continue
                self._has_long_step = True
            if is_first:  # it has a whole turn, whatever else has run in this round
                self._end = self.clock() + self.seconds
                self._schedule()
            if is_first or not self.is_over():
                return

    def step_end(self, work: "Work") -> float:
        """Return when a step of this work that begins now has to give the event loop back."""
        short_end = self.clock() + SHORT_TURNS * self.seconds - work.seconds
        return short_end if self.is_over() or self._end is None else max(self._end, short_end)

    def borrow_greenlet(self) -> "StepGreenlet":
        """Return a greenlet that runs steps in the context of the current one."""
        step = self._idle.pop() if self._idle else started_greenlet()
        step.gr_context = getcurrent().gr_context
        return step

    def return_greenlet(self, step: "StepGreenlet") -> None:
        if len(self._idle) < MAX_IDLE_GREENLETS:
            self._idle.append(step)

    def _schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._end_turn)

    def _end_turn(self) -> None:
        """End the turn: the event loop has run. Wake those whose turn is next."""
        if self._has_long_step and self._end is not None:
            self._rest_end = perf_counter() + min(self.clock() - self._end, MAX_REST_SECONDS)
        self._end, self._is_scheduled, self._has_long_step = None, False, False
        woken = 0
        while self._waiters and woken < MAX_WOKEN:
            waiter = heappop(self._waiters)
            place = waiter.arrival + waiter.work.seconds
            if waiter.turn.done():  # its task was cancelled
                continue
            if place > waiter.place:  # other steps of this work have run meanwhile
                heappush(self._waiters, waiter._replace(place=place))
                continue
            waiter.turn.set_result(woken == 0)
            woken += 1
        if self._waiters:
            self._schedule()


_turns_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = WeakKeyDictionary()


class _Waiter(NamedTuple):
    """A step that waits for its turn, ordered by place and number. The times are on the clock."""

    place: float
    number: int
    turn: asyncio.Future[bool]  # whether it is the first one that is woken for the turn
    work: "Work"
    arrival: float


class Work:
    """What one request has to do in turns. All of its steps together determine its place among those that wait."""

    def __init__(self, turns: Turns | None = None) -> None:
        """`turns`: by default those of the running event loop."""
        self.turns, self.seconds = turns or Turns.of_loop(), 0.0  # that it has run

    @property
    def is_short(self) -> bool:
        return self.seconds < SHORT_TURNS * self.turns.seconds

    async def run(self, function: Callable[[], Any]) -> Any:
        """Return the result of a function, which may be async. Its code may call `give_back`."""
        return await _InTurns(self, call(function))

    async def start(self) -> None:
        """Start a short operation: wait for a turn if others wait, or if the turn is over."""
        self.seconds += START_SECONDS
        if self.turns.is_busy():
            await self.wait()

    async def pause(self) -> None:
        """Let other tasks run if the turn is over. It counts as a whole turn of this work."""
        if self.turns.is_over():
            self.seconds += self.turns.seconds
            await self.wait()

    async def wait(self) -> None:
        """Wait for the next turn."""
        await self.turns.wait(self)


def give_back() -> None:
    """Let other tasks run if the turn is over. Raises CancelledError if the task is cancelled meanwhile.

    Does nothing in code that does not run in turns.
    """
    step = getcurrent()
    if isinstance(step, StepGreenlet) and step.clock() >= step.end:
        leave()


async def call(function: Callable[[], Any]) -> Any:
    """Return the result of a function, which may be async."""
    result = function()
    return await result if isinstance(result, Awaitable) else result


class _InTurns(Generic[T]):
    """Awaits an awaitable, each of whose steps runs in a greenlet. A step lasts until the awaitable awaits something.

    No greenlet is held while it awaits: a greenlet takes some kilobytes, and thousands of tasks may wait.
    """

    def __init__(self, work: Work, awaitable: Awaitable[T]) -> None:
        self._work, self._awaitable = work, awaitable

    def __await__(self) -> Generator[Any, Any, T]:
        work, steps = self._work, self._awaitable.__await__()
        if isinstance(getcurrent(), StepGreenlet):  # it runs in turns already
            return (yield from steps)
        turns, clock = work.turns, work.turns.clock
        step: Any = None  # the greenlet that gave the loop back, and has to be entered again
        state, awaited = GAVE_BACK
        while True:
            try:
                value = (yield awaited) if state is State.AWAITS else None
                awaited = None  # a future holds its exception, which holds this frame, which must not hold the future
                if not work.is_short and turns.is_busy():
                    yield from work.wait().__await__()
                start = clock()
            except BaseException as error:  # noqa: BLE001 (what is thrown into a task belongs to its coroutine)
                awaited, start = None, clock()
                step, is_new = step or turns.borrow_greenlet(), step is None
                step.clock, step.end = clock, turns.step_end(work)
                _ = step.switch(steps.throw, error) if is_new else step.throw(error)
            else:
                step, is_new = step or turns.borrow_greenlet(), step is None
                step.clock, step.end = clock, turns.step_end(work)
                _ = step.switch(steps.send, value) if is_new else step.switch()
            work.seconds += clock() - start
            state, awaited = step.take_left()
            if state is not State.GAVE_BACK:
                turns.return_greenlet(step)
                step = None
            if state is State.RETURNED:
                return awaited  # type: ignore[no-any-return] # the result
