"""How calls leave: in turn, within the host's rate, not to a provider that is down, and again where that may help."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_random_exponential

from .breaker import Breaker
from .errors import BY_STATUS, ProviderError, TimedOut, Unavailable
from .http import Exchange, Http
from .limit import RateLimit
from .settings import AccountSettings

_MAY_PASS = {408, 429, 500, 502, 503, 504}
_backoff = wait_random_exponential(multiplier=0.1, max=2)  # seconds; at random, so that callers do not return as one


class Calls:
    """One account's calls. `limit` is shared by all accounts at one host."""

    def __init__(self, settings: AccountSettings, http: Http, limit: RateLimit | None) -> None:
        self._http, self._limit = http, limit
        self._owner, self._attempts = settings.owner, settings.attempts
        self._turns = asyncio.Semaphore(settings.concurrency)
        self._breaker = Breaker()

    async def get(self, url: str, params: Mapping[str, str], until: float) -> Exchange:
        """A 2xx answer; raises what the last attempt raised. No attempt begins that would have to wait past `until`."""
        attempts = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, ProviderError) and error.again),
            stop=stop_after_attempt(self._attempts) | stop_before_delay(until - _now()),
            wait=_wait,
            reraise=True,
        )
        return await attempts(self._attempt, url, params, until)

    async def _attempt(self, url: str, params: Mapping[str, str], until: float) -> Exchange:
        if not self._breaker.admits():
            raise Unavailable(self._owner, "it failed several times in a row and is left alone for a moment")
        try:
            exchange = await self._exchange(url, params, until)
        except (TimedOut, Unavailable):
            self._breaker.failed()
            raise
        if exchange.status >= httpx.codes.INTERNAL_SERVER_ERROR:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        if not httpx.codes.is_success(exchange.status):
            raise self._refusal(exchange)
        return exchange

    async def _exchange(self, url: str, params: Mapping[str, str], until: float) -> Exchange:
        try:
            async with asyncio.timeout_at(until):
                await self._may_leave(until)
                try:
                    return await self._http.get(url, params)
                finally:
                    self._turns.release()
        except TimeoutError:
            raise TimedOut(self._owner) from None

    async def _may_leave(self, until: float) -> None:
        """Takes a turn, and then, since calls are counted when they leave, a place in the host's rate."""
        if self._limit is None:
            await self._turns.acquire()
            return
        with self._limit.queue(self._owner, until):
            await self._turns.acquire()
            try:
                await self._limit.take()
            except BaseException:
                self._turns.release()
                raise

    def _refusal(self, exchange: Exchange) -> ProviderError:
        kind = BY_STATUS.get(exchange.status, Unavailable)
        wait = _retry_after(exchange.headers.get("retry-after", ""))
        return kind(self._owner, again=exchange.status in _MAY_PASS, retry_after=wait)


def _wait(state: RetryCallState) -> float:
    """What the provider asks for, or else a little longer each time."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, ProviderError) else None
    return _backoff(state) if asked is None else asked


def _retry_after(value: str) -> float | None:
    """Seconds from now, of a number of seconds or a date; null for anything else."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _now() -> float:
    return asyncio.get_running_loop().time()
