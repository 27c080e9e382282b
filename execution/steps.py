"""Greenlets that run the steps of an awaitable. A step lasts until the awaitable awaits something."""

from collections.abc import Callable
from enum import Enum, auto
from time import perf_counter
from typing import Any

from greenlet import getcurrent, greenlet


class State(Enum):
    """How a greenlet was left."""

    GAVE_BACK = auto()  # in the middle of a step
    AWAITS = auto()  # after a step that awaits something
    RETURNED = auto()  # after the last step


Left = tuple[State, Any]  # with what the step awaits, or with the result
GAVE_BACK: Left = (State.GAVE_BACK, None)


class StepGreenlet(greenlet):
    """A greenlet in which `give_back` may be called. It runs one step of an awaitable after the other."""

    clock: Callable[[], float] = staticmethod(perf_counter)
    end = 0.0  # of the step, on the clock
    left: Left = GAVE_BACK  # how; an argument of `switch` instead would stay in memory while it is idle

    def take_left(self) -> Left:
        left, self.left = self.left, GAVE_BACK
        return left


def started_greenlet() -> StepGreenlet:
    """Return a greenlet that waits for its first step. It would keep the arguments of its start as long as it lives."""
    step = StepGreenlet(_run_steps)
    step.switch()
    return step


def _run_steps() -> None:
    """Run steps, one after the other. An exception other than StopIteration ends the greenlet.

    No local variable refers to the greenlet, because it refers to this frame.
    """
    while True:
        _set_left(_run_step(*leave()))


def _set_left(left: Left) -> None:
    step: Any = getcurrent()
    step.left = left


def leave() -> Any:
    """Go on in the event loop. Returns what `switch` sends."""
    event_loop: Any = getcurrent().parent
    return event_loop.switch()


def _run_step(resume: Callable[[Any], Any], argument: Any) -> Left:
    """Run the next step of an awaitable, by its method `send` or `throw`."""
    try:
        return State.AWAITS, resume(argument)
    except StopIteration as stop:
        return State.RETURNED, stop.value
    finally:
        del resume, argument  # an exception holds this frame, which must not hold the exception
