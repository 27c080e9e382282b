"""The in-process cache stays within its bound in bytes."""

from providers.cache.memory import ResourceCache
from tests.providers.resource import Clock, Resource, get
from tests.providers.virtual import in_virtual_time


@in_virtual_time
async def test_the_least_recently_used_is_evicted_first() -> None:
    clock, resource = Clock(), Resource(size=10_000)
    cache = ResourceCache(max_bytes=35_000, clock=clock)
    for key in ("a", "b", "c", "a", "d"):
        await get(cache, *resource.request(key))
    assert resource.fetch_count == 4

    for key in ("a", "c", "d"):
        await get(cache, *resource.request(key))
    assert resource.fetch_count == 4
    await get(cache, *resource.request("b"))
    assert resource.fetch_count == 5
    assert cache.bytes <= 35_000


@in_virtual_time
async def test_an_oversized_value_evicts_nothing() -> None:
    cache, small, large = ResourceCache(max_bytes=20_000), Resource(size=10_000), Resource(size=50_000)
    await get(cache, *small.request("small"))

    assert await get(cache, *large.request("large")) == "answer 1"
    assert await get(cache, *small.request("small")) == "answer 1"
    assert small.fetch_count == 1
