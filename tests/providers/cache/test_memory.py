"""What is remembered, for how long, in how much memory, and by how many at once."""

import asyncio

import pytest

from providers.cache.memory import CachedResource, Fetched, ResourceCache
from providers.deadline import deadline
from providers.errors import TimedOut, Unavailable
from tests.providers.resource import OWNER, Clock, Resource
from tests.providers.virtual import in_virtual_time, now


@in_virtual_time
async def test_who_asks_at_the_same_time_shares_one_fetch() -> None:
    memory, resource = ResourceCache(), Resource(seconds=1)

    answers = await asyncio.gather(*(memory.get(*resource.wanted()) for _ in range(500)))

    assert answers == ["answer 1"] * 500
    assert resource.fetched == 1


@in_virtual_time
async def test_an_answer_stands_while_it_is_fresh() -> None:
    clock, resource = Clock(), Resource()
    memory = ResourceCache(clock=clock)

    answers = {}
    for clock.now in (0, 50, 89.9, 100, 189.9):
        answers[clock.now] = await memory.get(*resource.wanted())

    assert answers == {0: "answer 1", 50: "answer 1", 89.9: "answer 1", 100: "answer 2", 189.9: "answer 2"}


@in_virtual_time
async def test_near_its_end_it_is_given_at_once_and_read_again_in_the_background() -> None:
    clock, resource = Clock(), Resource()
    memory = ResourceCache(clock=clock)
    await memory.get(*resource.wanted())
    resource.seconds = 5
    clock.now = 95

    began = now()
    answers = await asyncio.gather(*(memory.get(*resource.wanted()) for _ in range(10)))
    assert (answers, now()) == (["answer 1"] * 10, began)
    await asyncio.sleep(5.1)

    assert resource.fetched == 2
    clock.now = 150
    assert await memory.get(*resource.wanted()) == "answer 2"


@in_virtual_time
async def test_a_refresh_in_the_background_has_no_request_s_deadline() -> None:
    clock, memory, seen = Clock(), ResourceCache(), []
    memory = ResourceCache(clock=clock)

    async def fetch(_: float) -> Fetched[str]:
        seen.append(deadline.get())
        return Fetched("answer", 100)

    wanted = CachedResource("it", OWNER, fetch, 0, lambda value, _: value, len)
    deadline.set(7.0)
    await memory.get(wanted, 1000)
    clock.now = 95
    await memory.get(wanted, 1000)
    await asyncio.sleep(0)

    assert seen == [7.0, None]


@in_virtual_time
async def test_an_old_answer_is_given_for_a_failure_until_it_is_too_old() -> None:
    clock, resource = Clock(), Resource()
    memory = ResourceCache(clock=clock)
    await memory.get(*resource.wanted())
    resource.failure = Unavailable(OWNER)

    clock.now = 100
    assert await memory.get(*resource.wanted()) == "old answer 1: Unavailable"
    clock.now = 1099.9
    assert await memory.get(*resource.wanted()) == "old answer 1: Unavailable"
    clock.now = 1100
    with pytest.raises(Unavailable):
        await memory.get(*resource.wanted())
    resource.failure = None
    assert await memory.get(*resource.wanted()) == f"answer {resource.fetched}"


@in_virtual_time
async def test_an_old_answer_is_given_when_the_time_is_over_whoever_began_the_fetch() -> None:
    clock, resource = Clock(), Resource()
    memory = ResourceCache(clock=clock)
    await memory.get(*resource.wanted())
    resource.seconds = 3600
    clock.now = 95
    await memory.get(*resource.wanted())  # begins a refresh, which hangs
    clock.now = 105

    assert await memory.get(*resource.wanted(until=10)) == "old answer 1: TimedOut"
    assert now() == pytest.approx(10, abs=0.1)


@in_virtual_time
async def test_who_has_more_time_than_the_one_that_began_a_fetch_begins_another() -> None:
    memory, fetched = ResourceCache(), []

    def wanted(until: float) -> tuple[CachedResource[str], float]:
        async def fetch(_: float) -> Fetched[str]:
            fetched.append(now())
            await asyncio.sleep(min(6, until - now()))
            if now() >= until:
                raise TimedOut(OWNER)
            return Fetched("answer", 100)

        return CachedResource("it", OWNER, fetch, 0, lambda value, _: value, len), until

    first = asyncio.ensure_future(memory.get(*wanted(5)))
    await asyncio.sleep(1)

    assert await memory.get(*wanted(15)) == "answer"
    assert fetched == [0, 5]
    with pytest.raises(TimedOut):
        await first


@in_virtual_time
async def test_nobody_waits_beyond_his_time() -> None:
    memory, resource = ResourceCache(), Resource(seconds=3600)

    with pytest.raises(TimedOut):
        await memory.get(*resource.wanted(until=10))
    assert now() == pytest.approx(10, abs=0.1)


@in_virtual_time
async def test_a_fetch_ends_with_the_last_who_waits_for_it() -> None:
    memory, resource = ResourceCache(), Resource(seconds=5)
    waiting = [asyncio.ensure_future(memory.get(*resource.wanted())) for _ in range(3)]
    await asyncio.sleep(1)

    waiting[0].cancel()
    waiting[1].cancel()
    await asyncio.sleep(0)
    assert resource.cancelled == 0
    assert await waiting[2] == "answer 1"

    alone = asyncio.ensure_future(memory.get(*resource.wanted("other")))
    await asyncio.sleep(1)
    alone.cancel()
    await asyncio.wait([alone])
    await asyncio.sleep(0)
    assert (resource.fetched, resource.cancelled) == (2, 1)


@in_virtual_time
async def test_a_fetch_that_is_ended_from_below_ends_for_all_who_wait_for_it() -> None:
    memory, resource = ResourceCache(), Resource(seconds=5)
    resource.failure = asyncio.CancelledError()
    waiting = [asyncio.ensure_future(memory.get(*resource.wanted())) for _ in range(3)]

    await asyncio.wait(waiting)
    assert (now(), [one.cancelled() for one in waiting]) == (5, [True] * 3)

    resource.failure = None
    assert await memory.get(*resource.wanted()) == "answer 2"


@in_virtual_time
async def test_reading_through_asks_however_fresh_the_answer_is_and_remembers_what_it_hears() -> None:
    memory, resource = ResourceCache(clock=Clock()), Resource()
    await memory.get(*resource.wanted())

    assert await memory.get(*resource.wanted(), bypass=True) == "answer 2"
    assert await memory.get(*resource.wanted()) == "answer 2"


@in_virtual_time
async def test_what_is_not_to_be_remembered_is_not() -> None:
    memory, resource = ResourceCache(), Resource(fresh_for=None)

    assert [await memory.get(*resource.wanted()) for _ in range(2)] == ["answer 1", "answer 2"]
    assert memory.bytes == 0


@in_virtual_time
async def test_the_least_recently_used_leaves_first() -> None:
    clock, resource = Clock(), Resource(size=10_000)
    memory = ResourceCache(most_bytes=35_000, clock=clock)
    for key in ("a", "b", "c", "a", "d"):
        await memory.get(*resource.wanted(key))
    assert resource.fetched == 4

    for key in ("a", "c", "d"):
        await memory.get(*resource.wanted(key))
    assert resource.fetched == 4
    await memory.get(*resource.wanted("b"))
    assert resource.fetched == 5
    assert memory.bytes <= 35_000


@in_virtual_time
async def test_what_is_larger_than_the_memory_moves_nothing_out() -> None:
    memory, small, large = ResourceCache(most_bytes=20_000), Resource(size=10_000), Resource(size=50_000)
    await memory.get(*small.wanted("small"))

    assert await memory.get(*large.wanted("large")) == "answer 1"
    assert await memory.get(*small.wanted("small")) == "answer 1"
    assert small.fetched == 1
