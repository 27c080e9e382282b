"""Long operations run in turns: after a few milliseconds they give the event loop back, and other tasks run.

Completion is synchronous code, which cannot await. So it runs in a greenlet. `give_back` leaves the greenlet in the
middle, the task awaits its next turn, and then enters the greenlet again. If the task is cancelled meanwhile, for
example at the deadline, `give_back` raises CancelledError, and completion ends there.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from enum import Enum, auto
from time import perf_counter
from typing import Any, Generic, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")
TURN_SECONDS = 0.005  # a request such as /healthz needs a few rounds of the event loop, each as long as a turn
MAX_IDLE_GREENLETS = 8  # kept for the next steps, because creating one takes as long as a short step


class _State(Enum):
    """How a greenlet was left."""

    GAVE_BACK = auto()  # in the middle of a step
    AWAITS = auto()  # after a step that awaits something
    RETURNED = auto()  # after the last step


Left = tuple[_State, Any]  # with what the step awaits, or with the result
_GAVE_BACK: Left = (_State.GAVE_BACK, None)


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

    async def run(self, function: Callable[[], Any]) -> Any:
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
    step = getcurrent()
    if isinstance(step, _StepGreenlet) and step.turns.is_over():
        _leave()


async def call(function: Callable[[], Any]) -> Any:
    """Return the result of a function, which may be async."""
    result = function()
    return await result if isinstance(result, Awaitable) else result


class _StepGreenlet(greenlet):
    """A greenlet in which `give_back` may be called. It runs one step of an awaitable after the other."""

    turns: Any = None  # the Turns, while it runs a step
    left: Left = _GAVE_BACK  # how; an argument of `switch` instead would stay in memory while it is idle

    def take_left(self) -> Left:
        left, self.left = self.left, _GAVE_BACK
        return left


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
        state, awaited = _GAVE_BACK
        while True:
            try:
                value = (yield awaited) if state is _State.AWAITS else None
                awaited = None  # a future holds its exception, which holds this frame, which must not hold the future
                yield from turns.next()
            except BaseException as error:  # noqa: BLE001 (what is thrown into a task belongs to its coroutine)
                awaited = None
                step, is_new = step or turns.borrow_greenlet(), step is None
                _ = step.switch(steps.throw, error) if is_new else step.throw(error)
            else:
                step, is_new = step or turns.borrow_greenlet(), step is None
                _ = step.switch(steps.send, value) if is_new else step.switch()
            state, awaited = step.take_left()
            if state is not _State.GAVE_BACK:
                turns.return_greenlet(step)
                step = None
            if state is _State.RETURNED:
                return awaited  # type: ignore[no-any-return] # the result


def _run_steps(*first: Any) -> None:
    """Run steps, one after the other. An exception other than StopIteration ends the greenlet.

    No local variable refers to the greenlet, because it refers to this frame.
    """
    steps = [first]
    del first
    while True:
        _set_left(_run_step(*steps.pop()))
        steps.append(_leave())


def _set_left(left: Left) -> None:
    step: Any = getcurrent()
    step.left = left


def _leave() -> Any:
    """Go on in the event loop. Returns what `switch` sends."""
    event_loop: Any = getcurrent().parent
    return event_loop.switch()


def _run_step(resume: Callable[[Any], Any], argument: Any) -> Left:
    """Run the next step of an awaitable, by its method `send` or `throw`."""
    try:
        return _State.AWAITS, resume(argument)
    except StopIteration as stop:
        return _State.RETURNED, stop.value
    finally:
        del resume, argument  # an exception holds this frame, which must not hold the exception
