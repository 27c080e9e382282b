"""How many calls may leave for one host: a burst, then a steady rate, first come first served."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from secrets import token_hex

from providers.account import AccountRef
from providers.deadline import loop_time
from providers.errors import RateLimited

Acquire = Callable[..., Awaitable[None]]  # (latest: float = inf)
MAX_TRANSIT_SECONDS = (
    5.0  # seconds after which a call has arrived, though it may hang there, or this machine be slow to send it
)
EPSILON = 1e-9  # of a token: less than arithmetic can tell


class TokenBucket:
    """A token bucket: in any window of t seconds at most `burst + rate * t` calls pass.

    A token is taken when a call leaves, not when it queues up, so that a stalled loop cannot bunch calls. The
    provider counts a call when it arrives, at an unknown moment until it is answered or has travelled long enough:
    so long its token stays out of the bucket, and the bound holds there as well.
    """

    def __init__(self, rate: float, burst: int, workers: int = 1) -> None:
        self.limits, self._workers = (rate, burst), workers
        self._tokens = float(self.burst)
        self._at: float | None = None  # when the tokens were counted, on the loop's clock
        self._queue = asyncio.Lock()  # wakes those who wait in the order in which they came
        self._waiting = 0
        self._in_transit: set[str] = set()
        self._calls = map(f"{token_hex(8)}-{{}}".format, count())  # a name for each, which no other instance gives

    @property
    def rate(self) -> float:
        return self.limits[0] / self._worker_divisor

    @property
    def burst(self) -> int:
        return self.limits[1] // self._worker_divisor

    @property
    def _worker_divisor(self) -> int:
        """Workers that know nothing of each other's calls have a part of the whole each."""
        return self._workers

    @property
    def is_empty(self) -> bool:
        """Whether a call would have to wait."""
        return self._refill() < 1 - EPSILON

    @contextmanager
    def reserve(self, owner: AccountRef, until: float) -> Iterator[Acquire]:
        """Around one call, from when it queues up; yields what returns when it may leave, and it has to leave then.

        Either raises RateLimited at once where that would be after the instant given.
        """
        _check_wait(self._queue_wait(), owner, until)
        call = next(self._calls)
        travels: asyncio.TimerHandle | None = None

        async def leave(latest: float = math.inf) -> None:
            nonlocal travels
            await self._acquire(call, owner, latest)
            self._in_transit.add(call)
            travels = asyncio.get_running_loop().call_later(MAX_TRANSIT_SECONDS, self._arrived, call)

        self._waiting += 1
        try:
            yield leave
        finally:
            if travels is None:
                self._waiting -= 1
            else:
                travels.cancel()
                self._arrived(call)

    async def _acquire(self, call: str, owner: AccountRef, latest: float) -> None:
        async with self._queue:
            while wait := await self._wait(call):
                _check_wait(wait, owner, latest)
                await asyncio.sleep(wait)
            self._tokens -= 1
            self._waiting -= 1

    def _arrived(self, call: str) -> None:
        self._refill()
        self._in_transit.discard(call)

    async def _wait(self, _call: str) -> float:
        """How long until there is a token; 0 when it may be taken."""
        missing = 1 - self._refill()
        return missing / self.rate if missing > EPSILON else 0

    def _queue_wait(self) -> float:
        return max(0.0, self._waiting + 1 - self._refill()) / self.rate

    def _refill(self) -> float:
        """The tokens by now."""
        now = loop_time()
        if self._at is not None:
            room = self.burst - len(self._in_transit)
            self._tokens = min(room, self._tokens + (now - self._at) * self.rate)
        self._at = now
        return self._tokens


def _check_wait(wait: float, owner: AccountRef, latest: float) -> None:
    if wait > 0 and wait > latest - loop_time():
        raise RateLimited(owner)
