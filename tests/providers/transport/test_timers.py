"""What has to be done until an instant, and whom it is taken from."""

import asyncio

import pytest

from providers.transport.timers import DeadlineScope
from tests.providers.virtual import in_virtual_time, now


@in_virtual_time
async def test_what_is_not_done_in_time_ends_then_and_what_is_done_does_not() -> None:
    deadlines = DeadlineScope()

    async def take(seconds: float, until: float) -> tuple[bool, float]:
        try:
            with deadlines.timeout_at(until):
                await asyncio.sleep(seconds)
        except TimeoutError:
            return False, now()
        return True, now()

    done = list(await asyncio.gather(take(1, 5), take(9, 5), take(2, 5), take(8, 5), take(6, 7)))

    assert done == [(True, 1), (False, 5), (True, 2), (False, 5), (True, 6)]


@in_virtual_time
async def test_nothing_is_begun_when_it_would_be_late() -> None:
    begun = []

    with pytest.raises(TimeoutError), DeadlineScope().timeout_at(0):
        begun.append(now())

    assert begun == []


@in_virtual_time
async def test_who_is_late_goes_on_afterwards_as_if_nobody_had_cancelled_him() -> None:
    deadlines = DeadlineScope()
    for until in (5, 10):
        with pytest.raises(TimeoutError), deadlines.timeout_at(until):
            await asyncio.sleep(100)

    task = asyncio.current_task()
    assert task
    assert (now(), task.cancelling()) == (10, 0)


@in_virtual_time
async def test_the_inner_of_two_deadlines_is_not_taken_for_the_outer() -> None:
    inner, outer = DeadlineScope(), DeadlineScope()

    with outer.timeout_at(10):
        with pytest.raises(TimeoutError), inner.timeout_at(5):
            await asyncio.sleep(100)
        with pytest.raises(asyncio.CancelledError), inner.timeout_at(20):
            await asyncio.sleep(100)
        assert now() == 10


@in_virtual_time
async def test_who_is_cancelled_at_the_very_instant_is_cancelled_and_not_late() -> None:
    deadlines = DeadlineScope()

    async def late() -> None:
        with deadlines.timeout_at(5):
            await asyncio.sleep(100)

    task = asyncio.create_task(late())
    asyncio.get_running_loop().call_at(5, task.cancel)
    await asyncio.wait([task])

    assert (now(), task.cancelled()) == (5, True)
