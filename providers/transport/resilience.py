"""How calls leave: in turn, within the host's rate, not to a provider that is down, and again where that may help."""

import asyncio
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import uniform

import httpx

from providers.deadline import loop_time
from providers.errors import BY_STATUS, ProviderError, RateLimited, TimedOut, Unavailable
from providers.settings import AccountSettings

from .circuit_breaker import CircuitBreaker
from .http import HttpExchange, RawResponse
from .rate_limit import Acquire, TokenBucket
from .timers import DeadlineScope

RETRYABLE_STATUSES = {408, 429, 500, 502, 503, 504}
_MAX_BACKOFF_SECONDS = 2.0  # seconds between two attempts, unless the provider asks for more
_LATENCY_SAMPLES = 8  # answers over which the usual time of one is averaged


class ResilientCaller:
    """One account's calls. `limit` is shared by all accounts at one host."""

    def __init__(self, settings: AccountSettings, http: HttpExchange, limit: TokenBucket | None) -> None:
        self._http, self._limit = http, limit
        self._owner, self._attempts = settings.owner, settings.attempts
        self._concurrency = asyncio.Semaphore(settings.concurrency)
        self._breaker, self._deadlines = CircuitBreaker(clock=loop_time), DeadlineScope()
        self._latency_ewma = 0.0  # seconds that an answer takes

    async def get(self, request: httpx.Request, until: float) -> RawResponse:
        """A 2xx answer; raises what the last attempt raised. No attempt begins that would have to wait past `until`."""
        number = 1
        while True:
            try:
                return self._check_status(await self._exchange(request, until))
            except ProviderError as failure:
                wait = (failure.retry_after or 0) + _backoff(number)
                if not failure.retryable or number >= self._attempts or wait >= until - loop_time():
                    raise
            await asyncio.sleep(wait)
            number += 1

    def _check_status(self, exchange: RawResponse) -> RawResponse:
        if exchange.status >= httpx.codes.INTERNAL_SERVER_ERROR:
            self._breaker.record_failure()
        else:
            self._breaker.record_success()
        if httpx.codes.is_success(exchange.status):
            return exchange
        kind = BY_STATUS.get(exchange.status, Unavailable)
        wait = _retry_after(exchange.headers.get("retry-after", ""))
        raise kind(self._owner, retryable=exchange.status in RETRYABLE_STATUSES, retry_after=wait)

    async def _exchange(self, request: httpx.Request, until: float) -> RawResponse:
        """Whatever status comes. What keeps a call from leaving says nothing of the provider, so the breaker is told
        only of calls that left, and of those that ran out of time only if they had as much as an answer takes."""
        if self._breaker.is_open():
            raise self._circuit_open_error()
        left, clock = None, asyncio.get_running_loop().time
        try:
            with self._deadlines.timeout_at(until), self._reserve(until) as leave:
                async with self._concurrency:
                    if not self._breaker.allow_request():
                        raise self._circuit_open_error()
                    await leave(until - self._latency_ewma)
                    left = clock()
                    exchange = await self._http.get(request)
        except TimeoutError:
            if left is not None and until - left >= self._latency_ewma:
                self._breaker.record_failure()
            in_queue = left is None and self._limit is not None and self._limit.is_empty
            raise (RateLimited if in_queue else TimedOut)(self._owner) from None
        except Unavailable:
            if left is not None:
                self._breaker.record_failure()
            raise
        self._latency_ewma += (clock() - left - self._latency_ewma) / _LATENCY_SAMPLES
        return exchange

    def _reserve(self, until: float) -> AbstractContextManager[Acquire]:
        """A place in the host's rate that leaves time for an answer."""
        return _UNLIMITED if self._limit is None else self._limit.reserve(self._owner, until - self._latency_ewma)

    def _circuit_open_error(self) -> Unavailable:
        return Unavailable(self._owner, "it failed several times in a row and is left alone for a moment")


async def _acquire_immediately(_: float) -> None:
    """Where nothing limits the rate."""


_UNLIMITED = nullcontext(_acquire_immediately)


def _backoff(number: int) -> float:
    """Seconds after so many attempts: longer each time, and at random, so that callers do not return as one."""
    return uniform(0, min(_MAX_BACKOFF_SECONDS, 0.1 * 2 ** (number - 1)))  # noqa: S311 (nothing is secret about it)


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
