"""How many calls may leave for one host: a burst, then a steady rate, first come first served."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import RateLimited
from .owner import Owner


class RateLimit:
    """A token bucket: in any window of t seconds at most `burst + rate * t` calls pass.

    A token is taken when a call leaves, not when it queues up, so that a stalled loop cannot bunch calls.
    """

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, burst
        self._tokens = float(burst)
        self._at: float | None = None  # when the tokens were counted, on the loop's clock
        self._turn = asyncio.Lock()  # wakes those who wait in the order in which they came
        self._waiting = 0

    @contextmanager
    def queue(self, owner: Owner, until: float) -> Iterator[None]:
        """Around the wait for `take`; raises RateLimited at once where the turn would come after `until`."""
        if self._wait_of_a_newcomer() > until - _now():
            raise RateLimited(owner)
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def take(self) -> None:
        """Returns when a call may leave, and it has to leave then."""
        async with self._turn:
            while (missing := 1 - self._count()) > 0:  # noqa: ASYNC110 (time is what is waited for)
                await asyncio.sleep(missing / self.rate)
            self._tokens -= 1

    def _wait_of_a_newcomer(self) -> float:
        return max(0.0, self._waiting + 1 - self._count()) / self.rate

    def _count(self) -> float:
        now = _now()
        if self._at is not None:
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        return self._tokens


def _now() -> float:
    return asyncio.get_running_loop().time()
