"""How many calls may leave for one host: a burst, then a steady rate, first come first served."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from secrets import token_hex

from providers.account import Owner
from providers.errors import RateLimited

Leave = Callable[..., Awaitable[None]]  # (latest: float = inf)
TRAVEL = 5.0  # seconds after which a call has arrived, though it may hang there, or this machine be slow to send it
_HAIR = 1e-9  # of a token: less than arithmetic can tell


class RateLimit:
    """A token bucket: in any window of t seconds at most `burst + rate * t` calls pass.

    A token is taken when a call leaves, not when it queues up, so that a stalled loop cannot bunch calls. The
    provider counts a call when it arrives, at an unknown moment until it is answered or has travelled long enough:
    so long its token stays out of the bucket, and the bound holds there as well.
    """

    def __init__(self, rate: float, burst: int, workers: int = 1) -> None:
        self.whole, self._workers = (rate, burst), workers
        self._tokens = float(self.burst)
        self._at: float | None = None  # when the tokens were counted, on the loop's clock
        self._turn = asyncio.Lock()  # wakes those who wait in the order in which they came
        self._waiting = 0
        self._under_way: set[str] = set()
        self._calls = map(f"{token_hex(8)}-{{}}".format, count())  # a name for each, which no other instance gives

    @property
    def rate(self) -> float:
        return self.whole[0] / self._parts

    @property
    def burst(self) -> int:
        return self.whole[1] // self._parts

    @property
    def _parts(self) -> int:
        """Workers that know nothing of each other's calls have a part of the whole each."""
        return self._workers

    @property
    def exhausted(self) -> bool:
        """Whether a call would have to wait."""
        return self._count() < 1 - _HAIR

    @contextmanager
    def place(self, owner: Owner, until: float) -> Iterator[Leave]:
        """Around one call, from when it queues up; yields what returns when it may leave, and it has to leave then.

        Either raises RateLimited at once where that would be after the instant given.
        """
        _in_time(self._wait_of_a_newcomer(), owner, until)
        call = next(self._calls)
        travels: asyncio.TimerHandle | None = None

        async def leave(latest: float = math.inf) -> None:
            nonlocal travels
            await self._take(call, owner, latest)
            self._under_way.add(call)
            travels = asyncio.get_running_loop().call_later(TRAVEL, self._arrived, call)

        self._waiting += 1
        try:
            yield leave
        finally:
            if travels is None:
                self._waiting -= 1
            else:
                travels.cancel()
                self._arrived(call)

    async def _take(self, call: str, owner: Owner, latest: float) -> None:
        async with self._turn:
            while wait := await self._wait(call):
                _in_time(wait, owner, latest)
                await asyncio.sleep(wait)
            self._tokens -= 1
            self._waiting -= 1

    def _arrived(self, call: str) -> None:
        self._count()
        self._under_way.discard(call)

    async def _wait(self, _call: str) -> float:
        """How long until there is a token; 0 when it may be taken."""
        missing = 1 - self._count()
        return missing / self.rate if missing > _HAIR else 0

    def _wait_of_a_newcomer(self) -> float:
        return max(0.0, self._waiting + 1 - self._count()) / self.rate

    def _count(self) -> float:
        """The tokens by now."""
        now = _now()
        if self._at is not None:
            room = self.burst - len(self._under_way)
            self._tokens = min(room, self._tokens + (now - self._at) * self.rate)
        self._at = now
        return self._tokens


def _in_time(wait: float, owner: Owner, latest: float) -> None:
    if wait > 0 and wait > latest - _now():
        raise RateLimited(owner)


def _now() -> float:
    return asyncio.get_running_loop().time()
