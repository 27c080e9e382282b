"""The in-process cache: TTLs, stale-if-error, single flight and the bound in bytes."""

import asyncio
from dataclasses import replace

import pytest
from structlog.contextvars import bind_contextvars, get_contextvars

from providers.cache.memory import ResourceCache
from providers.cache.resource import Fetched
from providers.call import MAX_CALL_SECONDS, CallContext
from providers.dependencies import CacheDependencies
from providers.errors import TimedOut, Unavailable
from tests.providers.resource import ACCOUNT_REF, Clock, FakeResource, Resource, get
from tests.providers.virtual import in_virtual_time, now


@in_virtual_time
async def test_concurrent_gets_share_one_fetch() -> None:
    cache, resource = ResourceCache(), Resource(seconds=1)

    values = await asyncio.gather(*(get(cache, *resource.request()) for _ in range(500)))

    assert values == ["answer 1"] * 500
    assert resource.fetch_count == 1


@in_virtual_time
async def test_a_fresh_value_needs_no_fetch() -> None:
    clock, resource = Clock(), Resource()
    cache = ResourceCache(clock=clock)

    values = {}
    for clock.now in (0, 50, 89.9, 100, 189.9):
        values[clock.now] = await get(cache, *resource.request())

    assert values == {0: "answer 1", 50: "answer 1", 89.9: "answer 1", 100: "answer 2", 189.9: "answer 2"}


@in_virtual_time
async def test_a_value_near_expiry_is_refreshed_in_background() -> None:
    clock, resource = Clock(), Resource()
    cache = ResourceCache(clock=clock)
    await get(cache, *resource.request())
    resource.seconds = 5
    clock.now = 95

    start = now()
    values = await asyncio.gather(*(get(cache, *resource.request()) for _ in range(10)))
    assert (values, now()) == (["answer 1"] * 10, start)
    await asyncio.sleep(5.1)

    assert resource.fetch_count == 2
    clock.now = 150
    assert await get(cache, *resource.request()) == "answer 2"


@in_virtual_time
async def test_a_background_refresh_has_a_call_of_its_own() -> None:
    clock, calls = Clock(), list[CallContext]()
    cache = ResourceCache(clock=clock)

    async def fetch(call: CallContext, _: float) -> Fetched[str]:
        calls.append(call)
        return Fetched("answer", 100)

    resource = FakeResource("it", fetch)
    await get(cache, resource, CallContext(7.0))
    clock.now = 95
    await get(cache, resource, CallContext(7.0))
    await asyncio.sleep(0)

    assert calls == [CallContext(7.0), CallContext(MAX_CALL_SECONDS)]


@in_virtual_time
async def test_a_stale_value_replaces_a_failure() -> None:
    clock, resource = Clock(), Resource()
    cache = ResourceCache(clock=clock)
    await get(cache, *resource.request())
    resource.failure = Unavailable(ACCOUNT_REF)

    clock.now = 100
    assert await get(cache, *resource.request()) == "old answer 1: Unavailable"
    clock.now = 1099.9
    assert await get(cache, *resource.request()) == "old answer 1: Unavailable"
    clock.now = 1100
    with pytest.raises(Unavailable):
        await get(cache, *resource.request())
    resource.failure = None
    assert await get(cache, *resource.request()) == f"answer {resource.fetch_count}"


@in_virtual_time
async def test_a_stale_value_replaces_a_hanging_refresh() -> None:
    clock, resource = Clock(), Resource()
    cache = ResourceCache(clock=clock)
    await get(cache, *resource.request())
    resource.seconds = 3600
    clock.now = 95
    await get(cache, *resource.request())  # starts a refresh, which hangs
    clock.now = 105

    assert await get(cache, *resource.request(deadline=10)) == "old answer 1: TimedOut"
    assert now() == pytest.approx(10, abs=0.1)


@in_virtual_time
async def test_a_later_deadline_starts_another_fetch() -> None:
    cache, fetch_times = ResourceCache(), []

    def resource_until(limit: float) -> tuple[FakeResource[str], CallContext]:
        async def fetch(_: CallContext, __: float) -> Fetched[str]:
            fetch_times.append(now())
            await asyncio.sleep(min(6, limit - now()))
            if now() >= limit:
                raise TimedOut(ACCOUNT_REF)
            return Fetched("answer", 100)

        return FakeResource("it", fetch), CallContext(limit)

    first = asyncio.ensure_future(get(cache, *resource_until(5)))
    await asyncio.sleep(1)

    assert await get(cache, *resource_until(15)) == "answer"
    assert fetch_times == [0, 5]
    with pytest.raises(TimedOut):
        await first


@in_virtual_time
async def test_a_fetch_logs_with_the_id_of_its_request() -> None:
    clock, contexts = Clock(), list[dict[str, str]]()
    cache = ResourceCache(clock=clock)

    async def fetch(call: CallContext, _: float) -> Fetched[str]:
        contexts.append(get_contextvars())
        await asyncio.sleep(call.deadline - now())
        if call.deadline < 15:
            raise TimedOut(ACCOUNT_REF)
        return Fetched("answer", 100)

    resource = FakeResource("it", fetch)

    async def request(request_id: str, deadline: float) -> str:
        bind_contextvars(request_id=request_id)
        return await get(cache, resource, CallContext(deadline))

    requests = [asyncio.create_task(request("first", 5)), asyncio.create_task(request("second", 15))]
    await asyncio.wait(requests)
    clock.now = 95
    await asyncio.create_task(request("third", 100))  # starts a refresh in the background
    await asyncio.sleep(0)

    assert contexts == [{"request_id": "first"}, {"request_id": "second"}, {}]


@in_virtual_time
async def test_a_shared_fetch_adds_to_the_dependencies_of_each_waiter() -> None:
    cache, resource, calls = ResourceCache(), Resource(seconds=1), list[CallContext]()
    each = [CacheDependencies() for _ in range(2)]

    async def fetch(call: CallContext, fraction: float) -> Fetched[str]:
        calls.append(call)
        return await resource.fetch(call, fraction)

    shared = replace(resource.request()[0], fetch=fetch)
    await asyncio.gather(*(get(cache, shared, CallContext(10, dependencies=entries)) for entries in each))
    assert [entries.is_valid for entries in each] == [True, True]

    cache.put("it", "another answer", 0)
    assert [entries.is_valid for entries in each] == [False, False]
    assert calls == [CallContext(10)]


@in_virtual_time
async def test_a_waiter_times_out_at_its_deadline() -> None:
    cache, resource = ResourceCache(), Resource(seconds=3600)

    with pytest.raises(TimedOut):
        await get(cache, *resource.request(deadline=10))
    assert now() == pytest.approx(10, abs=0.1)


@in_virtual_time
async def test_cancelling_the_last_waiter_cancels_the_fetch() -> None:
    cache, resource = ResourceCache(), Resource(seconds=5)
    waiters = [asyncio.ensure_future(get(cache, *resource.request())) for _ in range(3)]
    await asyncio.sleep(1)

    waiters[0].cancel()
    waiters[1].cancel()
    await asyncio.sleep(0)
    assert resource.cancelled == 0
    assert await waiters[2] == "answer 1"

    only_waiter = asyncio.ensure_future(get(cache, *resource.request("other")))
    await asyncio.sleep(1)
    only_waiter.cancel()
    await asyncio.wait([only_waiter])
    await asyncio.sleep(0)
    assert (resource.fetch_count, resource.cancelled) == (2, 1)


@in_virtual_time
async def test_a_cancelled_fetch_cancels_its_waiters() -> None:
    cache, resource = ResourceCache(), Resource(seconds=5)
    resource.failure = asyncio.CancelledError()
    waiters = [asyncio.ensure_future(get(cache, *resource.request())) for _ in range(3)]

    await asyncio.wait(waiters)
    assert (now(), [waiter.cancelled() for waiter in waiters]) == (5, [True] * 3)

    resource.failure = None
    assert await get(cache, *resource.request()) == "answer 2"


@in_virtual_time
async def test_bypass_fetches_a_fresh_value_and_caches_it() -> None:
    cache, resource = ResourceCache(clock=Clock()), Resource()
    await get(cache, *resource.request())

    assert await get(cache, *resource.request(bypass_cache=True)) == "answer 2"
    assert await get(cache, *resource.request()) == "answer 2"


@in_virtual_time
async def test_a_value_without_ttl_is_not_cached() -> None:
    cache, resource = ResourceCache(), Resource(fresh_for=None)

    assert [await get(cache, *resource.request()) for _ in range(2)] == ["answer 1", "answer 2"]
    assert cache.bytes == 0
