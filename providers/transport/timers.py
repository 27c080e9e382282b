"""Many who have time until the same instant, as all calls of a request have, and one timer for all of them."""

import asyncio
from collections.abc import Callable, Hashable
from contextvars import Context
from typing import Generic, TypeVar, cast

W = TypeVar("W", bound=Hashable)


class SharedTimers(Generic[W]):
    """Tells each whose time is over."""

    def __init__(self, tell: Callable[[W], None]) -> None:
        self._tell = tell
        self._set: dict[float, tuple[asyncio.TimerHandle, dict[W, None]]] = {}

    def set(self, at: float, whom: W) -> None:
        """`at`: on the loop's clock."""
        found = self._set.get(at)
        if found is None:
            timer = asyncio.get_running_loop().call_at(at, self._ring, at, context=Context())
            found = self._set[at] = timer, {}
        found[1][whom] = None

    def cancel(self, at: float, whom: W) -> None:
        """For one who was told, too."""
        found = self._set.get(at)
        if found is None or whom not in found[1]:
            return
        timer, those = found
        del those[whom]
        if not those:
            timer.cancel()
            del self._set[at]

    def _ring(self, at: float) -> None:
        _, those = self._set.pop(at)
        for whom in those:
            self._tell(whom)


class DeadlineScope:
    """What is to be done until an instant, and else raises TimeoutError: as `asyncio.timeout_at`, which costs more."""

    def __init__(self) -> None:
        self._alarms: SharedTimers[Timeout] = SharedTimers(Timeout.expire)

    def timeout_at(self, until: float) -> "Timeout":
        return Timeout(self._alarms, until)


class Timeout:
    """One task's, while it is in it."""

    __slots__ = ("_alarms", "_before", "_task", "_until", "_was_over")
    _task: asyncio.Task[object]
    _before: int  # how often it was cancelled already

    def __init__(self, alarms: SharedTimers["Timeout"], until: float) -> None:
        self._alarms, self._until, self._was_over = alarms, until, False

    def expire(self) -> None:
        self._was_over = True
        self._task.cancel()

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        if self._until <= loop.time():
            raise TimeoutError
        self._task = cast("asyncio.Task[object]", asyncio.current_task(loop))
        self._before = self._task.cancelling()
        self._alarms.set(self._until, self)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Who was cancelled by anybody else, too, is cancelled, and not late."""
        self._alarms.cancel(self._until, self)
        if self._was_over and self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise TimeoutError
