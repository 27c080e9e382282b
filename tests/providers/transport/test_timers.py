"""Timeouts that share timers: which tasks they end, and how they interact with cancellation."""

import asyncio

import pytest

from providers.transport.timers import DeadlineScope
from tests.providers.virtual import in_virtual_time, now


@in_virtual_time
async def test_each_deadline_ends_only_unfinished_tasks() -> None:
    deadlines = DeadlineScope()

    async def work(seconds: float, deadline: float) -> tuple[bool, float]:
        try:
            with deadlines.timeout_at(deadline):
                await asyncio.sleep(seconds)
        except TimeoutError:
            return False, now()
        return True, now()

    outcomes = list(await asyncio.gather(work(1, 5), work(9, 5), work(2, 5), work(8, 5), work(6, 7)))

    assert outcomes == [(True, 1), (False, 5), (True, 2), (False, 5), (True, 6)]


@in_virtual_time
async def test_a_past_deadline_raises_before_the_body() -> None:
    executions = []

    with pytest.raises(TimeoutError), DeadlineScope().timeout_at(0):
        executions.append(now())

    assert executions == []


@in_virtual_time
async def test_a_timeout_leaves_no_pending_cancellation() -> None:
    deadlines = DeadlineScope()
    for deadline in (5, 10):
        with pytest.raises(TimeoutError), deadlines.timeout_at(deadline):
            await asyncio.sleep(100)

    task = asyncio.current_task()
    assert task
    assert (now(), task.cancelling()) == (10, 0)


@in_virtual_time
async def test_nested_timeouts_are_told_apart() -> None:
    inner, outer = DeadlineScope(), DeadlineScope()

    with outer.timeout_at(10):
        with pytest.raises(TimeoutError), inner.timeout_at(5):
            await asyncio.sleep(100)
        with pytest.raises(asyncio.CancelledError), inner.timeout_at(20):
            await asyncio.sleep(100)
        assert now() == 10


@in_virtual_time
async def test_a_cancellation_at_the_deadline_is_no_timeout() -> None:
    deadlines = DeadlineScope()

    async def wait() -> None:
        with deadlines.timeout_at(5):
            await asyncio.sleep(100)

    task = asyncio.create_task(wait())
    asyncio.get_running_loop().call_at(5, task.cancel)
    await asyncio.wait([task])

    assert (now(), task.cancelled()) == (5, True)
