"""Fixtures: instances that share one Redis."""

from collections.abc import AsyncIterator

import pytest

from tests.redis_server import RedisServer

from .fleet import Fleet, fleet_over


@pytest.fixture
async def fleet(redis: RedisServer) -> AsyncIterator[Fleet]:
    async with fleet_over(redis.url) as fleet:
        yield fleet
