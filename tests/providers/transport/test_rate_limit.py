"""The rate at which calls leave for one host."""

import asyncio
from random import Random

import pytest

from providers.account import AccountRef
from providers.errors import RateLimited
from providers.transport.rate_limit import TokenBucket
from tests.providers.virtual import in_virtual_time, now

OWNER = AccountRef("spectrocloud", "Spectro Cloud Palette", "palette")


async def call(limit: TokenBucket, left: list[float], until: float = 1000, seconds: float = 0) -> None:
    """One call, answered after so many seconds."""
    with limit.reserve(OWNER, until) as leave:
        await leave(until)
        left.append(now())
        await asyncio.sleep(seconds)


def most_above(rate: float, times: list[float]) -> float:
    """By how much the calls of any window exceed what the rate lets through in it: the burst, or less."""
    times = sorted(times)
    return max(
        last - first + 1 - rate * (times[last] - times[first])
        for first in range(len(times))
        for last in range(first, len(times))
    )


@in_virtual_time
async def test_a_burst_leaves_at_once_and_the_rest_at_the_rate() -> None:
    limit, left = TokenBucket(rate=10, burst=5), list[float]()

    await asyncio.gather(*(call(limit, left) for _ in range(8)))

    assert left == pytest.approx([0, 0, 0, 0, 0, 0.1, 0.2, 0.3])


@in_virtual_time
async def test_the_burst_comes_back_no_further_than_it_was() -> None:
    limit, left = TokenBucket(rate=10, burst=5), list[float]()
    await asyncio.gather(*(call(limit, left) for _ in range(5)))
    await asyncio.sleep(60)
    left.clear()

    await asyncio.gather(*(call(limit, left) for _ in range(6)))

    assert left == pytest.approx([60] * 5 + [60.1], abs=1e-6, rel=0)


@pytest.mark.parametrize("seed", range(20))
@in_virtual_time
async def test_in_no_window_arrive_more_calls_than_the_burst_and_the_rate_let_through(seed: int) -> None:
    dice, arrived = Random(seed), list[float]()
    limit = TokenBucket(rate=10, burst=dice.choice([1, 3, 20]))

    async def one(*, begins: float, travels: float, takes: float) -> None:
        await asyncio.sleep(begins)
        with limit.reserve(OWNER, 1000) as leave:
            await leave(1000)
            await asyncio.sleep(travels)
            arrived.append(now())
            await asyncio.sleep(takes)

    def some() -> float:
        return dice.choice([0, 0.01, dice.random(), 3 * dice.random()])

    await asyncio.gather(*(one(begins=some(), travels=some() / 5, takes=some() / 5) for _ in range(120)))

    assert len(arrived) == 120
    assert most_above(10, arrived) <= limit.burst + 1e-6


@in_virtual_time
async def test_what_would_leave_after_its_deadline_is_refused_at_once_and_takes_no_token() -> None:
    limit, left = TokenBucket(rate=10, burst=5), list[float]()

    outcomes = await asyncio.gather(*(call(limit, left, until=0.45) for _ in range(12)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 9 + [RateLimited] * 3
    assert now() == pytest.approx(0.4)
    await asyncio.sleep(0.1)
    await call(limit, left)

    assert left == pytest.approx([0, 0, 0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.5])


@in_virtual_time
async def test_who_has_come_to_the_front_too_late_is_refused_and_takes_no_token() -> None:
    limit, left = TokenBucket(rate=10, burst=1), list[float]()
    await call(limit, left)

    with limit.reserve(OWNER, 1000) as leave, pytest.raises(RateLimited):
        await leave(0.05)
    await call(limit, left)

    assert left == pytest.approx([0, 0.1])


@in_virtual_time
async def test_who_leaves_the_queue_gives_his_place_to_the_next() -> None:
    limit, left = TokenBucket(rate=10, burst=1), list[float]()
    await call(limit, left)
    waiting = [asyncio.create_task(call(limit, left)) for _ in range(10)]
    await asyncio.sleep(0.05)

    for task in waiting[:-1]:
        task.cancel()
    await asyncio.sleep(0)
    await call(limit, left, until=0.21)

    assert left == pytest.approx([0, 0.1, 0.2])
    assert waiting[-1].done()


@in_virtual_time
async def test_calls_leave_in_the_order_in_which_they_came() -> None:
    limit, order = TokenBucket(rate=100, burst=1), list[int]()

    async def numbered(number: int) -> None:
        await call(limit, [])
        order.append(number)

    await asyncio.gather(*map(numbered, range(30)))

    assert order == list(range(30))


@in_virtual_time
async def test_calls_that_hang_hold_up_the_others_for_no_longer_than_a_call_travels() -> None:
    limit, left = TokenBucket(rate=10, burst=3), list[float]()

    await asyncio.gather(*(call(limit, left, seconds=60) for _ in range(5)))

    assert left[:3] == [0, 0, 0]
    assert 5.1 - 1e-6 <= left[3] <= 5.2 + 1e-6
    assert left[4] == pytest.approx(left[3] + 0.1)
