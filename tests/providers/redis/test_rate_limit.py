"""A rate that several instances keep together over one store."""

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
OWNER = AccountRef("fastly", "Fastly", "cdn")


@needs_own_redis
async def test_a_rate_is_one_for_all_instances(redis: RedisServer) -> None:
    stores = [RedisStore(SecretStr(redis.url)) for _ in range(2)]
    limits = [RedisTokenBucket(20, 5, store, "host") for store in stores]
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(_passed(limit) for limit in limits for _ in range(5)))
    assert asyncio.get_running_loop().time() - began >= 5 / 20  # ten calls: a burst of five, and five at the rate

    await redis.stop()
    async with asyncio.timeout(3):
        await _passed(limits[0])  # by its own count
    for store in stores:
        await store.close()


@needs_own_redis
async def test_an_instance_knows_that_others_have_used_the_rate_up_also_once_the_store_is_gone(
    redis: RedisServer,
) -> None:
    stores = [RedisStore(SecretStr(redis.url)) for _ in range(2)]
    one, other = (RedisTokenBucket(0.001, 2, store, "host") for store in stores)
    await asyncio.gather(_passed(one), _passed(one))
    assert [other.is_empty] == [False]

    with pytest.raises(RateLimited):
        await _passed(other)
    assert [other.is_empty] == [True]
    await redis.stop()
    with pytest.raises(RateLimited):
        await _passed(other)
    for store in stores:
        await store.close()


@needs_own_redis
async def test_the_token_of_a_call_under_way_is_out_of_everybody_s_bucket_until_the_call_has_arrived(
    redis: RedisServer,
) -> None:
    stores = [RedisStore(SecretStr(redis.url)) for _ in range(2)]
    one, other = (RedisTokenBucket(20, 2, store, "host") for store in stores)
    with one.reserve(OWNER, math.inf) as leave, one.reserve(OWNER, math.inf) as leave_too:
        await leave()
        await leave_too()
        held_up = await asyncio.gather(_passed(other, seconds=0.4), return_exceptions=True)  # time for eight tokens

    assert [type(outcome) for outcome in held_up] == [RateLimited]
    await _passed(other)
    for store in stores:
        await store.close()


async def _passed(limit: RedisTokenBucket, seconds: float = 10) -> None:
    until = asyncio.get_running_loop().time() + seconds
    with limit.reserve(OWNER, until) as leave:
        await leave(until)
