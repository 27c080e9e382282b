"""Fixtures for all tests."""

from collections.abc import AsyncIterator

import pytest

from tests.harness import Service, running_service, sandbox_of
from tests.redis_server import RedisServer


@pytest.fixture
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """A service for one test, with one sandbox account of each provider, or of those that `accounts_of` names."""
    marker = request.node.get_closest_marker("accounts_of")
    async with running_service(sandbox_of(*marker.args) if marker else None) as instance:
        yield instance


@pytest.fixture
async def redis() -> AsyncIterator[RedisServer]:
    """A Redis for one test: the test's own where a server is installed, else the one that runs on this machine."""
    server = RedisServer()
    await server.start()
    yield server
    await server.stop()
