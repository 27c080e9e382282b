"""Many who have time until the same instant, as all calls of a request have, and one timer for all of them."""

import asyncio
from collections.abc import Callable, Hashable
from contextvars import Context
from typing import Generic, TypeVar

W = TypeVar("W", bound=Hashable)


class Alarms(Generic[W]):
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
