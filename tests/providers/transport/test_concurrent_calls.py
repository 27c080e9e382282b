"""How calls that would leave together are held back: by turns, by a rate, by a breaker."""

import asyncio

import pytest

from providers.errors import RateLimited, TimedOut, Unavailable
from providers.transport.rate_limit import TokenBucket
from tests.providers.calling import Provider, calls_to, got
from tests.providers.virtual import in_virtual_time, now


@in_virtual_time
async def test_no_more_calls_are_under_way_than_the_account_allows() -> None:
    provider = Provider(seconds=1)
    calls = calls_to(provider, concurrency=4)

    await asyncio.gather(*(got(calls) for _ in range(10)))

    assert provider.asked == pytest.approx([0] * 4 + [1] * 4 + [2] * 2)


@in_virtual_time
async def test_accounts_at_one_host_share_its_rate() -> None:
    provider, limit = Provider(), TokenBucket(rate=10, burst=5)
    accounts = [calls_to(provider, limit, id=name) for name in ("one", "two")]

    assert await asyncio.gather(*(got(calls) for _ in range(4) for calls in accounts)) == [200] * 8

    assert provider.asked == pytest.approx([0] * 5 + [0.1, 0.2, 0.3])


@in_virtual_time
async def test_what_the_rate_does_not_let_through_in_time_is_refused_at_once_and_the_rest_answered() -> None:
    provider, limit = Provider(seconds=0.42), TokenBucket(rate=10, burst=50)
    calls = calls_to(provider, limit, concurrency=64)

    outcomes = await asyncio.gather(*(got(calls) for _ in range(200)))
    assert set(outcomes) == {200, RateLimited}
    assert 135 <= outcomes.count(200) <= 145
    assert len(provider.asked) == outcomes.count(200)
    assert now() < 10

    assert await got(calls, until=now() + 10) == 200


@in_virtual_time
async def test_waiting_in_the_queue_is_no_failure_of_the_provider() -> None:
    """With one call at a time most run out of time before they leave: the next request is not refused for it."""
    provider = Provider(seconds=1)
    calls = calls_to(provider, concurrency=1)

    outcomes = await asyncio.gather(*(got(calls, until=2.5) for _ in range(20)))
    assert (outcomes.count(200), outcomes.count(TimedOut)) == (2, 18)

    assert await got(calls) == 200


@in_virtual_time
async def test_a_provider_that_is_down_is_left_alone_and_found_again_by_one_probe() -> None:
    provider = Provider(*[500] * 5)
    calls = calls_to(provider, attempts=1)
    assert await asyncio.gather(*(got(calls) for _ in range(5))) == [Unavailable] * 5

    assert await asyncio.gather(*(got(calls) for _ in range(50))) == [Unavailable] * 50
    assert len(provider.asked) == 5

    await asyncio.sleep(10)
    provider.seconds = 1
    outcomes = await asyncio.gather(*(got(calls, until=20) for _ in range(50)))
    assert outcomes.count(200) == 1
    assert len(provider.asked) == 6

    assert await asyncio.gather(*(got(calls, until=30) for _ in range(50))) == [200] * 50


@in_virtual_time
async def test_what_waits_for_its_turn_does_not_leave_for_a_provider_that_has_gone_down_since() -> None:
    provider = Provider(*[500] * 100, seconds=1)
    calls = calls_to(provider, attempts=1, concurrency=5)

    assert await asyncio.gather(*(got(calls) for _ in range(100))) == [Unavailable] * 100
    assert len(provider.asked) == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
@in_virtual_time
async def test_a_refusal_shows_that_the_provider_is_there(status: int) -> None:
    provider = Provider(*[status] * 20)
    calls = calls_to(provider, attempts=1)

    for _ in range(20):
        await got(calls)

    assert await got(calls) == 200


@in_virtual_time
async def test_hanging_opens_the_breaker_and_a_caller_who_leaves_does_not() -> None:
    provider = Provider(seconds=3600)
    calls = calls_to(provider)
    for _ in range(5):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(got(calls), 1)
    assert len(provider.asked) == 5

    assert await asyncio.gather(*(got(calls) for _ in range(5))) == [TimedOut] * 5
    assert await got(calls) is Unavailable
    assert len(provider.asked) == 10
