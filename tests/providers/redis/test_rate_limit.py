"""A token bucket that several instances share in one store."""

import asyncio
import math

import pytest
from pydantic import SecretStr

from providers.account import AccountRef
from providers.errors import RateLimited
from providers.redis.rate_limit import RedisTokenBucket
from providers.redis.store import RedisStore
from tests.redis_server import RedisServer, needs_own_redis, needs_redis

pytestmark = needs_redis
ACCOUNT_REF = AccountRef("fastly", "Fastly", "cdn")


@needs_own_redis
async def test_instances_share_one_rate(redis: RedisServer) -> None:
    stores = [RedisStore(SecretStr(redis.url)) for _ in range(2)]
    limits = [RedisTokenBucket(20, 5, store, "host") for store in stores]
    start = asyncio.get_running_loop().time()
    await asyncio.gather(*(_call(limit) for limit in limits for _ in range(5)))
    assert asyncio.get_running_loop().time() - start >= 5 / 20  # ten calls: a burst of five, and five at the rate

    await redis.stop()
    async with asyncio.timeout(3):
        await _call(limits[0])  # by the local count
    for store in stores:
        await store.close()


@needs_own_redis
async def test_the_local_count_includes_other_instances(redis: RedisServer) -> None:
    stores = [RedisStore(SecretStr(redis.url)) for _ in range(2)]
    one, other = (RedisTokenBucket(0.001, 2, store, "host") for store in stores)
    await asyncio.gather(_call(one), _call(one))
    assert [other.is_empty] == [False]

    with pytest.raises(RateLimited):
        await _call(other)
    assert [other.is_empty] == [True]
    await redis.stop()
    with pytest.raises(RateLimited):
        await _call(other)
    for store in stores:
        await store.close()


@needs_own_redis
async def test_tokens_in_transit_are_held_for_all_instances(redis: RedisServer) -> None:
    stores = [RedisStore(SecretStr(redis.url)) for _ in range(2)]
    one, other = (RedisTokenBucket(20, 2, store, "host") for store in stores)
    with one.reserve(ACCOUNT_REF, math.inf) as acquire, one.reserve(ACCOUNT_REF, math.inf) as acquire_second:
        await acquire()
        await acquire_second()
        outcomes = await asyncio.gather(_call(other, seconds=0.4), return_exceptions=True)  # time for eight tokens

    assert [type(outcome) for outcome in outcomes] == [RateLimited]
    await _call(other)
    for store in stores:
        await store.close()


@needs_own_redis
async def test_workers_share_the_burst_until_the_store_is_gone(redis: RedisServer) -> None:
    store = RedisStore(SecretStr(redis.url))
    limit = RedisTokenBucket(0.001, 4, store, "host", workers=2)
    await asyncio.gather(*(_call(limit) for _ in range(4)))  # the whole burst, although there are two workers
    assert limit.burst == 4

    await redis.stop()
    with pytest.raises(RateLimited):
        await _call(limit)
    assert not await store.ping()
    assert limit.burst == 2
    await store.close()


async def _call(limit: RedisTokenBucket, seconds: float = 10) -> None:
    """Make one call that takes no time, with a deadline in so many seconds."""
    deadline = asyncio.get_running_loop().time() + seconds
    with limit.reserve(ACCOUNT_REF, deadline) as acquire:
        await acquire(deadline)
