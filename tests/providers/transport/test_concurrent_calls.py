"""Limits on concurrent calls: the concurrency limit, the rate limit and the circuit breaker."""

import asyncio

import pytest

from providers.errors import RateLimited, TimedOut, Unavailable
from providers.transport.rate_limit import TokenBucket
from tests.providers.calling import StubProvider, call, caller_of
from tests.providers.virtual import in_virtual_time, now


@in_virtual_time
async def test_concurrent_calls_are_limited_per_account() -> None:
    provider = StubProvider(latency_seconds=1)
    caller = caller_of(provider, concurrency=4)

    await asyncio.gather(*(call(caller) for _ in range(10)))

    assert provider.call_times == pytest.approx([0] * 4 + [1] * 4 + [2] * 2)


@in_virtual_time
async def test_accounts_at_one_host_share_its_rate_limit() -> None:
    provider, limit = StubProvider(), TokenBucket(rate=10, burst=5)
    callers = [caller_of(provider, limit, id=name) for name in ("one", "two")]

    assert await asyncio.gather(*(call(caller) for _ in range(4) for caller in callers)) == [200] * 8

    assert provider.call_times == pytest.approx([0] * 5 + [0.1, 0.2, 0.3])


@in_virtual_time
async def test_calls_beyond_the_rate_limit_fail_at_once() -> None:
    provider, limit = StubProvider(latency_seconds=0.42), TokenBucket(rate=10, burst=50)
    caller = caller_of(provider, limit, concurrency=64)

    outcomes = await asyncio.gather(*(call(caller) for _ in range(200)))
    assert set(outcomes) == {200, RateLimited}
    assert 135 <= outcomes.count(200) <= 145
    assert len(provider.call_times) == outcomes.count(200)
    assert now() < 10

    assert await call(caller, deadline=now() + 10) == 200


@in_virtual_time
async def test_time_in_the_queue_does_not_open_the_breaker() -> None:
    """With one concurrent call most calls time out before they leave. The next request still reaches the provider."""
    provider = StubProvider(latency_seconds=1)
    caller = caller_of(provider, concurrency=1)

    outcomes = await asyncio.gather(*(call(caller, deadline=2.5) for _ in range(20)))
    assert (outcomes.count(200), outcomes.count(TimedOut)) == (2, 18)

    assert await call(caller) == 200


@in_virtual_time
async def test_an_open_breaker_sends_one_probe() -> None:
    provider = StubProvider(*[500] * 5)
    caller = caller_of(provider, attempts=1)
    assert await asyncio.gather(*(call(caller) for _ in range(5))) == [Unavailable] * 5

    assert await asyncio.gather(*(call(caller) for _ in range(50))) == [Unavailable] * 50
    assert len(provider.call_times) == 5

    await asyncio.sleep(10)
    provider.latency_seconds = 1
    outcomes = await asyncio.gather(*(call(caller, deadline=20) for _ in range(50)))
    assert outcomes.count(200) == 1
    assert len(provider.call_times) == 6

    assert await asyncio.gather(*(call(caller, deadline=30) for _ in range(50))) == [200] * 50


@in_virtual_time
async def test_queued_calls_do_not_leave_once_the_breaker_opens() -> None:
    provider = StubProvider(*[500] * 100, latency_seconds=1)
    caller = caller_of(provider, attempts=1, concurrency=5)

    assert await asyncio.gather(*(call(caller) for _ in range(100))) == [Unavailable] * 100
    assert len(provider.call_times) == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
@in_virtual_time
async def test_client_errors_do_not_open_the_breaker(status: int) -> None:
    provider = StubProvider(*[status] * 20)
    caller = caller_of(provider, attempts=1)

    for _ in range(20):
        await call(caller)

    assert await call(caller) == 200


@in_virtual_time
async def test_timeouts_open_the_breaker_and_cancellations_do_not() -> None:
    provider = StubProvider(latency_seconds=3600)
    caller = caller_of(provider)
    for _ in range(5):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(call(caller), 1)
    assert len(provider.call_times) == 5

    assert await asyncio.gather(*(call(caller) for _ in range(5))) == [TimedOut] * 5
    assert await call(caller) is Unavailable
    assert len(provider.call_times) == 10
