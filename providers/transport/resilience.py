"""How calls leave: in turn, within the host's rate, not to a provider that is down, and again where that may help."""

import asyncio
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import uniform

import httpx

from providers.errors import BY_STATUS, ProviderError, RateLimited, TimedOut, Unavailable
from providers.settings import AccountSettings

from .circuit_breaker import Breaker
from .http import Exchange, Http
from .rate_limit import Leave, RateLimit
from .timers import Deadlines

_MAY_PASS = {408, 429, 500, 502, 503, 504}
_LONGEST = 2.0  # seconds between two attempts, unless the provider asks for more
_MEMORY = 8  # answers over which the usual time of one is averaged


class Calls:
    """One account's calls. `limit` is shared by all accounts at one host."""

    def __init__(self, settings: AccountSettings, http: Http, limit: RateLimit | None) -> None:
        self._http, self._limit = http, limit
        self._owner, self._attempts = settings.owner, settings.attempts
        self._turns = asyncio.Semaphore(settings.concurrency)
        self._breaker, self._deadlines = Breaker(clock=_now), Deadlines()
        self._usual = 0.0  # seconds that an answer takes

    async def get(self, request: httpx.Request, until: float) -> Exchange:
        """A 2xx answer; raises what the last attempt raised. No attempt begins that would have to wait past `until`."""
        number = 1
        while True:
            try:
                return self._good(await self._exchange(request, until))
            except ProviderError as failure:
                wait = (failure.retry_after or 0) + _backoff(number)
                if not failure.again or number >= self._attempts or wait >= until - _now():
                    raise
            await asyncio.sleep(wait)
            number += 1

    def _good(self, exchange: Exchange) -> Exchange:
        if exchange.status >= httpx.codes.INTERNAL_SERVER_ERROR:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        if httpx.codes.is_success(exchange.status):
            return exchange
        kind = BY_STATUS.get(exchange.status, Unavailable)
        wait = _retry_after(exchange.headers.get("retry-after", ""))
        raise kind(self._owner, again=exchange.status in _MAY_PASS, retry_after=wait)

    async def _exchange(self, request: httpx.Request, until: float) -> Exchange:
        """Whatever status comes. What keeps a call from leaving says nothing of the provider, so the breaker is told
        only of calls that left, and of those that ran out of time only if they had as much as an answer takes."""
        if self._breaker.refuses():
            raise self._left_alone()
        left, clock = None, asyncio.get_running_loop().time
        try:
            with self._deadlines.at(until), self._place(until) as leave:
                async with self._turns:
                    if not self._breaker.admits():
                        raise self._left_alone()
                    await leave(until - self._usual)
                    left = clock()
                    exchange = await self._http.get(request)
        except TimeoutError:
            if left is not None and until - left >= self._usual:
                self._breaker.failed()
            in_queue = left is None and self._limit is not None and self._limit.exhausted
            raise (RateLimited if in_queue else TimedOut)(self._owner) from None
        except Unavailable:
            if left is not None:
                self._breaker.failed()
            raise
        self._usual += (clock() - left - self._usual) / _MEMORY
        return exchange

    def _place(self, until: float) -> AbstractContextManager[Leave]:
        """A place in the host's rate that leaves time for an answer."""
        return _UNLIMITED if self._limit is None else self._limit.place(self._owner, until - self._usual)

    def _left_alone(self) -> Unavailable:
        return Unavailable(self._owner, "it failed several times in a row and is left alone for a moment")


async def _at_once(_: float) -> None:
    """Where nothing limits the rate."""


_UNLIMITED = nullcontext(_at_once)


def _backoff(number: int) -> float:
    """Seconds after so many attempts: longer each time, and at random, so that callers do not return as one."""
    return uniform(0, min(_LONGEST, 0.1 * 2 ** (number - 1)))  # noqa: S311 (nothing is secret about it)


def _retry_after(value: str) -> float | None:
    """Seconds from now, of a number of seconds or a date; null for anything else."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _now() -> float:
    return asyncio.get_running_loop().time()
