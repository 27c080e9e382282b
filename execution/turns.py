"""Long operations run in turns: after a few milliseconds they give the event loop back, and other tasks run.

Completion is synchronous code, which cannot await. So it runs in a greenlet. `give_back` leaves the greenlet in the
middle, the task awaits its next turn, and then enters the greenlet again. If the task is cancelled meanwhile, for
example at the deadline, `give_back` raises CancelledError, and completion ends there.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from time import perf_counter
from typing import Any, Generic, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")
TURN_SECONDS = 0.005  # a request such as /healthz needs a few rounds of the event loop, each as long as a turn
MAX_IDLE_GREENLETS = 8  # kept for the next steps, because creating one takes as long as a short step
_GAVE_BACK = object()  # what a greenlet returns that is left in the middle of a step


class Turns:
    """The turns of one event loop, which its long operations share: those that wait get theirs in order of arrival.

    A turn begins when an operation asks for it, and ends with the round of the event loop at the latest.
    """

    def __init__(self, seconds: float = TURN_SECONDS, clock: Callable[[], float] = perf_counter) -> None:
        self._seconds, self._clock = seconds, clock
        self._end: float | None = None  # of the current turn, on the clock
        self._is_scheduled = False
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._idle: list[_StepGreenlet] = []

    async def run(self, function: Callable[[], Awaitable[T] | T]) -> T:
        """Return the result of a function, which may be async. Its code may call `give_back`."""
        return await _InTurns(self, call(function))

    def next(self) -> tuple[()] | asyncio.Future[None]:
        """Return what to await before the next step: nothing if the turn has time left and no other waits."""
        if not (self._waiters or self.is_over()):
            return ()
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._schedule()
        return waiter

    def borrow_greenlet(self) -> "_StepGreenlet":
        """Return a greenlet that runs steps in the context of the current one."""
        step = self._idle.pop() if self._idle else _StepGreenlet(_run_steps)
        step.turns, step.gr_context = self, getcurrent().gr_context
        return step

    def return_greenlet(self, step: "_StepGreenlet") -> None:
        step.turns = None  # an idle greenlet is a reference cycle with what it refers to
        if len(self._idle) < MAX_IDLE_GREENLETS:
            self._idle.append(step)

    def is_over(self) -> bool:
        """Return whether the turn is used up. Begins a turn if there is none."""
        if self._end is None:
            self._end = self._clock() + self._seconds
            self._schedule()
            return False
        return self._clock() >= self._end

    def _schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._end_turn)

    def _end_turn(self) -> None:
        """End the turn: the event loop has run. The next turn belongs to the one that has waited longest."""
        self._end, self._is_scheduled = None, False
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                break
        if self._waiters:
            self._schedule()


def give_back() -> None:
    """Let other tasks run if the turn is over. Raises CancelledError if the task is cancelled meanwhile.

    Does nothing in code that does not run in turns.
    """
    step: Any = getcurrent()
    if isinstance(step, _StepGreenlet) and step.turns.is_over():
        step.parent.switch(_GAVE_BACK)


async def call(function: Callable[[], Awaitable[T] | T]) -> T:
    """Return the result of a function, which may be async."""
    result = function()
    return await result if isinstance(result, Awaitable) else result


class _StepGreenlet(greenlet):
    """A greenlet in which `give_back` may be called. It runs one step of an awaitable after the other."""

    turns: Any = None  # the Turns, while it runs a step


class _InTurns(Generic[T]):
    """Awaits an awaitable, each of whose steps runs in a greenlet. A step lasts until the awaitable awaits something.

    No greenlet is held while it awaits: a greenlet takes some kilobytes, and thousands of tasks may wait.
    """

    def __init__(self, turns: Turns, awaitable: Awaitable[T]) -> None:
        self._turns, self._awaitable = turns, awaitable

    def __await__(self) -> Generator[Any, Any, T]:
        turns, steps = self._turns, self._awaitable.__await__()
        if isinstance(getcurrent(), _StepGreenlet):  # it runs in turns already
            return (yield from steps)
        step: Any = None  # the greenlet that gave the loop back, and has to be entered again
        awaits, awaited = False, None
        while True:
            try:
                value = (yield awaited) if awaits else None
                yield from turns.next()
            except BaseException as error:  # noqa: BLE001 (what is thrown into a task belongs to its coroutine)
                left = step.throw(error) if step else (step := turns.borrow_greenlet()).switch(steps.throw, error)
            else:
                left = step.switch() if step else (step := turns.borrow_greenlet()).switch(steps.send, value)
            if left is _GAVE_BACK:
                awaits = False
                continue
            turns.return_greenlet(step)
            step, (awaits, awaited) = None, left
            if not awaits:
                return awaited  # type: ignore[no-any-return] # the result


def _run_steps(resume: Any, argument: Any) -> None:
    """Run steps, and return for each whether the awaitable awaits something, and what; else its result.

    `resume` is its method `send` or `throw`. An exception other than StopIteration ends the greenlet.
    """
    caller: Any = getcurrent().parent
    while True:
        left: Any = None
        try:
            left = True, resume(argument)
        except StopIteration as stop:
            left = False, stop.value
        finally:
            resume = argument = None  # an exception holds this frame, which must not hold the exception
        resume, argument = caller.switch(left)
