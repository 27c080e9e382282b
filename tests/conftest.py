"""Fixtures for all tests."""

from collections.abc import AsyncIterator

import pytest

from tests.harness import Service, running
from tests.redis_server import RedisServer


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """A service of its own for each test, over one sandbox account of each provider."""
    async with running() as running_service:
        yield running_service


@pytest.fixture
async def redis() -> AsyncIterator[RedisServer]:
    """A Redis of its own for each test; only where one is installed."""
    server = RedisServer()
    await server.start()
    yield server
    await server.stop()
