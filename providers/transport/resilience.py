"""How calls leave: bounded concurrency, the host's rate limit, a circuit breaker, deadlines and retries."""

import asyncio
import re
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from random import uniform
from typing import NamedTuple

from providers.deadline import loop_time
from providers.errors import FailureCause, NotFound, ProviderError, RateLimited, TimedOut, Unavailable
from providers.fair_semaphore import FairSemaphore
from providers.observer import UNOBSERVED, CallObserver, CallSpan, Trace
from providers.settings import AccountSettings

from .call_log import log_failed_call
from .carrier import CarrierRequest, CarrierResponse
from .circuit_breaker import CircuitBreaker
from .http import HttpExchange, is_success
from .rate_limit import Acquire, TokenBucket
from .refusals import read_refusal
from .timers import DeadlineScope

# Proxies such as Cloudflare's send those from 520 on.
RETRYABLE_STATUSES = {408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529}
INVALID_REQUEST_STATUSES = {400, 422}
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")  # RFC 9110 has no fraction, but some servers send one
_MAX_BACKOFF_SECONDS = 2.0  # bound of the random wait between two attempts; a Retry-After is added to it
_LATENCY_SAMPLES = 8  # responses over which the latency is averaged


class Requester(NamedTuple):
    """Who waits for a call: calls of an account take turns by caller, and those of a caller by request."""

    caller: str = ""
    request: object = None  # any object that stands for it


class ResilientCaller:
    """The calls of one account. All accounts at one host share `limit`."""

    def __init__(
        self,
        settings: AccountSettings,
        http: HttpExchange,
        limit: TokenBucket | None,
        observer: CallObserver = UNOBSERVED,
    ) -> None:
        self._http, self._limit, self._observer = http, limit, observer
        self._account_ref, self._max_attempts = settings.account_ref, settings.attempts
        self._concurrency = FairSemaphore(settings.concurrency)
        self._breaker, self._deadlines = CircuitBreaker(clock=loop_time), DeadlineScope()
        self._api_key = settings.api_key.get_secret_value()
        self.has_succeeded = False  # since the start
        self._latency_ewma = 0.0  # seconds from when a call leaves until its body is read
        self._had_tripped = False  # the breaker, as the observer knows it
        observer.breaker_changed(self._account_ref, is_open=False)

    async def get(
        self, request: CarrierRequest, deadline: float, requester: Requester | None = None, trace: Trace | None = None
    ) -> CarrierResponse:
        """Return a 2xx response, with retries. Raises the error of the last attempt. Callers and requests take turns.

        No attempt starts if the wait before it would exceed the deadline. `trace` gets a span for each attempt.
        """
        attempt, started_at, previous_cause = 1, loop_time(), None
        requester = requester or Requester()
        while True:
            try:
                span = trace.start_call(self._account_ref, attempt) if trace else None
                return await self._attempt(request, deadline, requester, span)
            except ProviderError as failure:
                wait = (failure.retry_after or 0) + _backoff(attempt)
                if not failure.retryable or attempt >= self._max_attempts or wait >= deadline - loop_time():
                    if previous_cause is FailureCause.CONNECT_TIMEOUT and failure.cause is FailureCause.NO_RESPONSE:
                        failure.cause = previous_cause  # the deadline has cut the next attempt to connect
                    log_failed_call(failure, attempt, loop_time() - started_at)
                    raise
                previous_cause = failure.cause
            await asyncio.sleep(wait)
            attempt += 1

    async def _attempt(
        self, request: CarrierRequest, deadline: float, requester: Requester, span: CallSpan | None
    ) -> CarrierResponse:
        """Make one attempt, and report it."""
        started_at = loop_time()
        status: int | None = None
        cause: str | None = "cancelled"
        if span is not None:
            request = request.with_headers(span.headers)
        try:
            response = self._check_status(await self._exchange(request, deadline, requester))
            status, cause = response.status, None
        except ProviderError as failure:
            status, cause = failure.status, failure.word
            raise
        finally:
            self._report(loop_time() - started_at, status, cause, span)
        return response

    def _report(self, seconds: float, status: int | None, cause: str | None, span: CallSpan | None) -> None:
        self._observer.call_ended(self._account_ref, seconds, status, cause)
        has_tripped = self._breaker.has_tripped
        if has_tripped is not self._had_tripped:
            self._had_tripped = has_tripped
            self._observer.breaker_changed(self._account_ref, is_open=has_tripped)
        if span is not None:
            span.end(status, cause)

    def _check_status(self, response: CarrierResponse) -> CarrierResponse:
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._breaker.record_failure()
        else:
            self._breaker.record_success()
        if is_success(response.status):
            self.has_succeeded = True
            return response
        error, code, ref = read_refusal(response, self._api_key)
        cause = FailureCause.INVALID_REQUEST if response.status in INVALID_REQUEST_STATUSES else FailureCause.STATUS
        raise error(
            self._account_ref,
            retryable=response.status in RETRYABLE_STATUSES and error is not NotFound,
            retry_after=_retry_after(response),
            cause=cause if error is Unavailable else None,
            status=response.status,
            provider_code=code,
            provider_ref=ref,
        )

    async def _exchange(self, request: CarrierRequest, deadline: float, requester: Requester) -> CarrierResponse:
        """Make one attempt and return the response, whatever its status.

        The breaker counts only calls that left, since a call held back here says nothing about the provider. It counts
        a call that timed out only if it had at least the usual latency.
        """
        if self._breaker.is_open():
            raise self._circuit_open_error()
        left_at, clock = None, asyncio.get_running_loop().time
        try:
            with self._deadlines.timeout_at(deadline), self._reserve(deadline) as acquire:
                async with self._concurrency.hold(requester.caller, requester.request):
                    if not self._breaker.allow_request():
                        raise self._circuit_open_error()
                    left_at = await self._acquire(acquire, deadline - self._latency_ewma)
                    response = await self._http.get(request)
        except TimeoutError:
            if left_at is not None and deadline - left_at >= self._latency_ewma:
                self._breaker.record_failure()
            is_rate_limited = left_at is None and self._limit is not None and self._limit.is_empty
            cause = FailureCause.HELD_BACK if left_at is None else FailureCause.NO_RESPONSE
            raise (RateLimited if is_rate_limited else TimedOut)(self._account_ref, cause=cause) from None
        except Unavailable:
            if left_at is not None:
                self._breaker.record_failure()
            raise
        self._latency_ewma += (clock() - left_at - self._latency_ewma) / _LATENCY_SAMPLES
        return response

    async def _acquire(self, acquire: Acquire, deadline: float) -> float:
        """Wait until the call may leave. Returns that instant on the loop's clock."""
        if self._limit is None:
            return loop_time()
        joined_at = loop_time()
        await acquire(deadline)
        left_at = loop_time()
        self._observer.rate_limit_waited(self._account_ref, left_at - joined_at)
        return left_at

    def _reserve(self, deadline: float) -> AbstractContextManager[Acquire]:
        """Reserve a position under the host's rate limit, early enough for a response before the deadline."""
        return (
            _UNLIMITED if self._limit is None else self._limit.reserve(self._account_ref, deadline - self._latency_ewma)
        )

    def _circuit_open_error(self) -> Unavailable:
        detail = "calls are paused for a moment after several failures in a row"
        return Unavailable(self._account_ref, detail, cause=FailureCause.PAUSED)


async def _acquire_immediately(_deadline: float) -> None:
    """Return at once, because the host has no rate limit."""


_UNLIMITED = nullcontext(_acquire_immediately)


def _backoff(attempt: int) -> float:
    """Return the seconds to wait after an attempt: random, with a bound that doubles each time.

    The random delay keeps callers that failed together from retrying together.
    """
    return uniform(0, min(_MAX_BACKOFF_SECONDS, 0.1 * 2 ** (attempt - 1)))  # noqa: S311 (not used as a secret)


def _retry_after(response: CarrierResponse) -> float | None:
    """Return the seconds that a response asks callers to wait, or None. Retry-After takes precedence."""
    retry_after, reset = (response.headers.get(name, "") for name in ("retry-after", "fastly-ratelimit-reset"))
    if retry_after:
        return _parse_retry_after(retry_after)
    if response.status == HTTPStatus.TOO_MANY_REQUESTS and reset.isascii() and reset.isdigit():
        return max(0.0, float(reset[:12]) - datetime.now(UTC).timestamp())  # seconds since 1970
    return None


def _parse_retry_after(value: str) -> float | None:
    """Return the seconds from now of a Retry-After header: a number of seconds or a date. None for anything else."""
    if _SECONDS.fullmatch(value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
