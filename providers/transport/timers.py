"""Shared timers of the event loop. All calls of a request have one deadline, so they share one timer."""

import asyncio
from collections.abc import Callable, Hashable
from contextvars import Context
from typing import Generic, TypeVar

WaiterT = TypeVar("WaiterT", bound=Hashable)


class SharedTimers(Generic[WaiterT]):
    """Calls `on_expiry` with each waiter whose deadline passes."""

    def __init__(self, on_expiry: Callable[[WaiterT], None]) -> None:
        self._on_expiry = on_expiry
        self._timers: dict[float, tuple[asyncio.TimerHandle, dict[WaiterT, None]]] = {}  # by deadline

    def set(self, deadline: float, waiter: WaiterT) -> None:
        """Add a waiter. `deadline` is an instant on the running loop's clock."""
        entry = self._timers.get(deadline)
        if entry is None:
            timer = asyncio.get_running_loop().call_at(deadline, self._expire, deadline, context=Context())
            entry = self._timers[deadline] = timer, {}
        entry[1][waiter] = None

    def cancel(self, deadline: float, waiter: WaiterT) -> None:
        """Remove a waiter. Does nothing if it has expired already."""
        entry = self._timers.get(deadline)
        if entry is None or waiter not in entry[1]:
            return
        timer, waiters = entry
        del waiters[waiter]
        if not waiters:
            timer.cancel()
            del self._timers[deadline]

    def _expire(self, deadline: float) -> None:
        _, waiters = self._timers.pop(deadline)
        for waiter in waiters:
            self._on_expiry(waiter)


class DeadlineScope:
    """Creates timeouts that share timers. They behave like `asyncio.timeout_at` and cost less."""

    def __init__(self) -> None:
        self._timers: SharedTimers[Timeout] = SharedTimers(Timeout.expire)

    def timeout_at(self, deadline: float) -> "Timeout":
        """Return a context manager that cancels its body at the deadline and then raises TimeoutError."""
        return Timeout(self._timers, deadline)


class Timeout:
    """A timeout of the task that enters it. It raises TimeoutError on entry if the deadline has passed."""

    __slots__ = ("_cancellations_before", "_deadline", "_has_expired", "_task", "_timers")
    _task: asyncio.Task[object]
    _cancellations_before: int  # the task's pending cancellations on entry

    def __init__(self, timers: SharedTimers["Timeout"], deadline: float) -> None:
        self._timers, self._deadline, self._has_expired = timers, deadline, False

    def expire(self) -> None:
        self._has_expired = True
        self._task.cancel()

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        if self._deadline <= loop.time():
            raise TimeoutError
        self._task = asyncio.current_task(loop)  # type: ignore[assignment] # a coroutine runs
        self._cancellations_before = self._task.cancelling()
        self._timers.set(self._deadline, self)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Raise TimeoutError in place of the timeout's own cancellation.

        If the task is cancelled by other code too, its CancelledError passes through.
        """
        self._timers.cancel(self._deadline, self)
        if self._has_expired and self._task.uncancel() <= self._cancellations_before and kind is asyncio.CancelledError:
            raise TimeoutError
