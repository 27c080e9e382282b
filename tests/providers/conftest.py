"""Fixtures: instances that share one Redis."""

from collections.abc import AsyncIterator

import pytest

from tests.redis_server import RedisServer

from .instances import Instances, run_instances


@pytest.fixture
async def instances(redis: RedisServer) -> AsyncIterator[Instances]:
    async with run_instances(redis.url) as instances:
        yield instances
