"""Fixtures for all tests."""

from collections.abc import AsyncIterator

import pytest

from tests.harness import Service, running


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """A service of its own for each test, over one sandbox account of each provider."""
    async with running() as running_service:
        yield running_service
