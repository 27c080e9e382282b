"""The token bucket of one host in this process."""

import asyncio
from random import Random

import pytest

from providers.account import AccountRef
from providers.errors import RateLimited
from providers.transport.rate_limit import TokenBucket
from tests.providers.virtual import in_virtual_time, now

ACCOUNT_REF = AccountRef("spectrocloud", "Spectro Cloud Palette", "palette")


async def call(limit: TokenBucket, departures: list[float], deadline: float = 1000, latency_seconds: float = 0) -> None:
    """Make one call and append the time at which it leaves."""
    with limit.reserve(ACCOUNT_REF, deadline) as acquire:
        await acquire(deadline)
        departures.append(now())
        await asyncio.sleep(latency_seconds)


def max_excess(rate: float, times: list[float]) -> float:
    """Return the maximum, over all windows, of the calls in a window minus what the rate allows in its duration.

    A token bucket bounds it by its burst.
    """
    times = sorted(times)
    return max(
        last - first + 1 - rate * (times[last] - times[first])
        for first in range(len(times))
        for last in range(first, len(times))
    )


@in_virtual_time
async def test_a_burst_leaves_at_once_then_at_the_rate() -> None:
    limit, departures = TokenBucket(rate=10, burst=5), list[float]()

    await asyncio.gather(*(call(limit, departures) for _ in range(8)))

    assert departures == pytest.approx([0, 0, 0, 0, 0, 0.1, 0.2, 0.3])


@in_virtual_time
async def test_the_bucket_refills_only_to_the_burst() -> None:
    limit, departures = TokenBucket(rate=10, burst=5), list[float]()
    await asyncio.gather(*(call(limit, departures) for _ in range(5)))
    await asyncio.sleep(60)
    departures.clear()

    await asyncio.gather(*(call(limit, departures) for _ in range(6)))

    assert departures == pytest.approx([60] * 5 + [60.1], abs=1e-6, rel=0)


@pytest.mark.parametrize("seed", range(20))
@in_virtual_time
async def test_arrivals_never_exceed_burst_and_rate(seed: int) -> None:
    dice, arrivals = Random(seed), list[float]()
    limit = TokenBucket(rate=10, burst=dice.choice([1, 3, 20]))

    async def random_call(*, delay: float, transit: float, latency: float) -> None:
        await asyncio.sleep(delay)
        with limit.reserve(ACCOUNT_REF, 1000) as acquire:
            await acquire(1000)
            await asyncio.sleep(transit)
            arrivals.append(now())
            await asyncio.sleep(latency)

    def random_seconds() -> float:
        return dice.choice([0, 0.01, dice.random(), 3 * dice.random()])

    await asyncio.gather(
        *(
            random_call(delay=random_seconds(), transit=random_seconds() / 5, latency=random_seconds() / 5)
            for _ in range(120)
        )
    )

    assert len(arrivals) == 120
    assert max_excess(10, arrivals) <= limit.burst + 1e-6


@in_virtual_time
async def test_calls_past_their_deadline_fail_without_a_token() -> None:
    limit, departures = TokenBucket(rate=10, burst=5), list[float]()

    outcomes = await asyncio.gather(
        *(call(limit, departures, deadline=0.45) for _ in range(12)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 9 + [RateLimited] * 3
    assert now() == pytest.approx(0.4)
    await asyncio.sleep(0.1)
    await call(limit, departures)

    assert departures == pytest.approx([0, 0, 0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.5])


@in_virtual_time
async def test_an_expired_acquire_fails_without_a_token() -> None:
    limit, departures = TokenBucket(rate=10, burst=1), list[float]()
    await call(limit, departures)

    with limit.reserve(ACCOUNT_REF, 1000) as acquire, pytest.raises(RateLimited):
        await acquire(0.05)
    await call(limit, departures)

    assert departures == pytest.approx([0, 0.1])


@in_virtual_time
async def test_cancelled_waiters_free_their_queue_position() -> None:
    limit, departures = TokenBucket(rate=10, burst=1), list[float]()
    await call(limit, departures)
    waiting = [asyncio.create_task(call(limit, departures)) for _ in range(10)]
    await asyncio.sleep(0.05)

    for task in waiting[:-1]:
        task.cancel()
    await asyncio.sleep(0)
    await call(limit, departures, deadline=0.21)

    assert departures == pytest.approx([0, 0.1, 0.2])
    assert waiting[-1].done()


@in_virtual_time
async def test_calls_leave_in_order_of_arrival() -> None:
    limit, order = TokenBucket(rate=100, burst=1), list[int]()

    async def numbered(number: int) -> None:
        await call(limit, [])
        order.append(number)

    await asyncio.gather(*map(numbered, range(30)))

    assert order == list(range(30))


@in_virtual_time
async def test_hanging_calls_block_only_for_the_transit_time() -> None:
    limit, departures = TokenBucket(rate=10, burst=3), list[float]()

    await asyncio.gather(*(call(limit, departures, latency_seconds=60) for _ in range(5)))

    assert departures[:3] == [0, 0, 0]
    assert 5.1 - 1e-6 <= departures[3] <= 5.2 + 1e-6
    assert departures[4] == pytest.approx(departures[3] + 0.1)
