"""The rate limit of one host: a token bucket whose callers are served in the order in which they arrive."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from secrets import token_hex

from providers.account import AccountRef
from providers.deadline import loop_time
from providers.errors import RateLimited

Acquire = Callable[..., Awaitable[None]]  # (deadline: float = inf)
MAX_TRANSIT_SECONDS = 5.0  # seconds after which a call must have arrived, even if it hangs or this machine sends slowly
EPSILON = 1e-9  # tokens; covers floating-point errors


class TokenBucket:
    """A token bucket: in any window of t seconds at most `burst + rate * t` calls pass.

    A call takes its token when it leaves, not when it joins the queue, so that a stalled event loop cannot bunch calls.
    The provider counts a call when it arrives. That moment is unknown: it is before the response, and at most
    MAX_TRANSIT_SECONDS after the call leaves. Until then the token stays out of the bucket, so that the bound holds at
    the provider too. With `workers` processes, each has an equal part of the limits.
    """

    def __init__(self, rate: float, burst: int, workers: int = 1) -> None:
        self.limits, self._workers = (rate, burst), workers
        self._tokens = float(self.burst)
        self._refilled_at: float | None = None  # on the loop's clock
        self._queue = asyncio.Lock()  # wakes its waiters in the order in which they arrive
        self._waiting = 0
        self._in_transit: set[str] = set()
        self._call_ids = map(f"{token_hex(8)}-{{}}".format, count())  # unique among all instances

    @property
    def rate(self) -> float:
        """Calls per second of this process."""
        return self.limits[0] / self._worker_divisor

    @property
    def burst(self) -> int:
        return self.limits[1] // self._worker_divisor

    @property
    def _worker_divisor(self) -> int:
        """The number of processes that divide the limits, because none knows the calls of the others."""
        return self._workers

    @property
    def is_empty(self) -> bool:
        """Whether a call would have to wait. Refills the bucket."""
        return self._refill() < 1 - EPSILON

    @contextmanager
    def reserve(self, account_ref: AccountRef, deadline: float) -> Iterator[Acquire]:
        """Reserve a position in the queue for one call, which is made inside the context.

        Yields a coroutine function that takes a token and returns when the call may leave; the call must leave then.
        This method and the coroutine raise RateLimited at once if the call could leave only after their deadline.
        """
        _check_wait(self._queue_wait(), account_ref, deadline)
        call_id = next(self._call_ids)
        transit_timer: asyncio.TimerHandle | None = None

        async def acquire(deadline: float = math.inf) -> None:
            nonlocal transit_timer
            await self._acquire(call_id, account_ref, deadline)
            self._in_transit.add(call_id)
            transit_timer = asyncio.get_running_loop().call_later(MAX_TRANSIT_SECONDS, self._mark_arrived, call_id)

        self._waiting += 1
        try:
            yield acquire
        finally:
            if transit_timer is None:
                self._waiting -= 1
            else:
                transit_timer.cancel()
                self._mark_arrived(call_id)

    async def _acquire(self, call_id: str, account_ref: AccountRef, deadline: float) -> None:
        async with self._queue:
            while wait := await self._try_take(call_id):
                _check_wait(wait, account_ref, deadline)
                await asyncio.sleep(wait)
            self._tokens -= 1
            self._waiting -= 1

    def _mark_arrived(self, call_id: str) -> None:
        self._refill()
        self._in_transit.discard(call_id)

    async def _try_take(self, _call_id: str) -> float:
        """Return 0 if the call may take a token now, otherwise the seconds until there is one."""
        missing = 1 - self._refill()
        return missing / self.rate if missing > EPSILON else 0

    def _queue_wait(self) -> float:
        return max(0.0, self._waiting + 1 - self._refill()) / self.rate

    def _refill(self) -> float:
        """Add the tokens of the time since the last refill and return their number."""
        now = loop_time()
        if self._refilled_at is not None:
            capacity = self.burst - len(self._in_transit)
            self._tokens = min(capacity, self._tokens + (now - self._refilled_at) * self.rate)
        self._refilled_at = now
        return self._tokens


def _check_wait(wait: float, account_ref: AccountRef, deadline: float) -> None:
    if wait > 0 and wait > deadline - loop_time():
        raise RateLimited(account_ref)
