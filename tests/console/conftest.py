"""Fixtures of the tests of the console."""

import pytest

from .console import CONSOLE, check


@pytest.fixture(scope="session")
def built() -> str:
    """Check and build the console, once for all tests. What the build says."""
    result = check(CONSOLE)
    assert result.returncode == 0, result.stdout
    return result.stdout
