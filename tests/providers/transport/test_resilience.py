"""Retries, Retry-After and deadlines of one account's calls."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from providers.call import CallContext
from providers.errors import (
    Forbidden,
    NotFound,
    ProviderError,
    RateLimited,
    TimedOut,
    Unauthorized,
    Unavailable,
    Unintelligible,
)
from providers.source import DateWindow
from tests.providers.calling import StubProvider, call, caller_of
from tests.providers.source import connected_to
from tests.providers.virtual import in_virtual_time, now

FIRST_PAGE = (DateWindow(), None)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529])
@in_virtual_time
async def test_transient_statuses_are_retried(status: int) -> None:
    provider = StubProvider(status, status)

    assert await call(caller_of(provider)) == 200
    assert len(provider.call_times) == 3
    assert provider.call_times[-1] < 1


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        *((status, Unavailable) for status in (302, 400, 409, 422, 501)),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
    ],
)
@in_virtual_time
async def test_permanent_statuses_are_not_retried(status: int, failure: type[ProviderError]) -> None:
    provider = StubProvider(status)

    assert await call(caller_of(provider)) is failure
    assert provider.call_times == [0]


@in_virtual_time
async def test_the_last_attempt_decides_the_error() -> None:
    provider = StubProvider(500, 503, 429, 200)

    assert await call(caller_of(provider, attempts=3)) is RateLimited
    assert len(provider.call_times) == 3


@in_virtual_time
async def test_one_attempt_makes_one_call() -> None:
    provider = StubProvider(503)

    assert await call(caller_of(provider, attempts=1)) is Unavailable
    assert len(provider.call_times) == 1


@in_virtual_time
async def test_a_failed_connection_is_retried() -> None:
    requests = []

    def provider(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if len(requests) < 3:
            raise httpx.ConnectError("refused")
        return httpx.Response(200)

    assert await call(caller_of(provider)) == 200
    assert len(requests) == 3


@in_virtual_time
async def test_retry_after_in_seconds() -> None:
    provider = StubProvider(429, headers={"Retry-After": "7"})

    assert await call(caller_of(provider)) == 200
    assert provider.call_times[0] == 0
    assert 7 <= provider.call_times[1] < 7.3


@in_virtual_time
async def test_retry_after_with_a_fraction() -> None:
    provider = StubProvider(503, headers={"Retry-After": "1.5"})

    assert await call(caller_of(provider)) == 200
    assert 1.5 <= provider.call_times[1] < 1.8


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {}, 60),
        (429, {"Retry-After": "7"}, 7),
        (503, {}, 0),
    ],
)
@in_virtual_time
async def test_the_reset_of_fastlys_rate_limit(status: int, headers: dict[str, str], wait: float) -> None:
    reset = str(int(datetime.now(UTC).timestamp()) + 60)
    provider = StubProvider(status, headers={"Fastly-RateLimit-Reset": reset, **headers})

    assert await call(caller_of(provider), deadline=100) == 200
    assert wait - 5 < provider.call_times[1] < wait + 0.3


@pytest.mark.parametrize("reset", ["", "soon", "0", "-5", "1700000000"])
@in_virtual_time
async def test_a_reset_in_the_past_is_no_wait(reset: str) -> None:
    provider = StubProvider(429, headers={"Fastly-RateLimit-Reset": reset})

    assert await call(caller_of(provider)) == 200
    assert provider.call_times[1] < 0.3


@in_virtual_time
async def test_retry_after_as_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    provider = StubProvider(503, headers={"Retry-After": date})

    assert await call(caller_of(provider), deadline=100) == 200
    assert 55 < provider.call_times[1] <= 60.3


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "-1",
        "1.",
        ".5",
        "1.5.1",
        "inf",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT",
    ],
)
@in_virtual_time
async def test_an_invalid_retry_after_is_ignored(value: str) -> None:
    provider = StubProvider(503, headers={"Retry-After": value})

    assert await call(caller_of(provider)) == 200
    assert provider.call_times[1] < 0.3


@pytest.mark.parametrize("retry_after", ["10", "9" * 400])
@pytest.mark.parametrize(("status", "failure"), [(429, RateLimited), (503, Unavailable)])
@in_virtual_time
async def test_retry_after_past_the_deadline_fails_at_once(
    status: int, failure: type[ProviderError], retry_after: str
) -> None:
    provider = StubProvider(status, headers={"Retry-After": retry_after})

    assert await call(caller_of(provider), deadline=10) is failure
    assert provider.call_times == [0]
    assert now() == 0


@in_virtual_time
async def test_no_call_exceeds_the_deadline() -> None:
    provider = StubProvider(500, 500, latency_seconds=4)

    assert await call(caller_of(provider), deadline=10) is TimedOut
    assert len(provider.call_times) == 3
    assert now() == pytest.approx(10)


@in_virtual_time
async def test_retries_are_spread_by_random_backoff() -> None:
    provider = StubProvider(*[429] * 30, headers={"Retry-After": "5"})
    callers = [caller_of(provider) for _ in range(30)]

    assert set(await asyncio.gather(*map(call, callers))) == {200}
    retries = provider.call_times[30:]
    assert len(set(retries)) == 30
    assert max(retries) - min(retries) > 0.01


async def test_a_truncated_body_is_retried() -> None:
    async with connected_to("fastly", attempts=3) as account:
        account.inject_fault("half", times=2)

        page = await account.source.page(*FIRST_PAGE, CallContext())

        assert page.invoices
        assert len(account.calls) == 3


async def test_a_body_truncated_each_time_is_unintelligible() -> None:
    async with connected_to("fastly", attempts=3) as account:
        account.inject_fault("half")

        with pytest.raises(Unintelligible):
            await account.source.page(*FIRST_PAGE, CallContext())

        assert len(account.calls) == 3


async def test_a_reset_connection_is_retried() -> None:
    async with connected_to("fastly", attempts=3) as account:
        account.inject_fault("reset", times=2)

        assert (await account.source.page(*FIRST_PAGE, CallContext())).invoices
        assert len(account.calls) == 3


@in_virtual_time
async def test_a_broken_error_body_does_not_hide_the_status() -> None:
    async def broken_body() -> AsyncIterator[bytes]:
        yield b"{"
        raise httpx.ReadError("gone")

    assert await call(caller_of(lambda _: httpx.Response(401, content=broken_body()))) is Unauthorized
