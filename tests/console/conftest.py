"""Fixtures of the tests of the console."""

import pytest

from .console import CONSOLE, check


@pytest.fixture(scope="session")
def built() -> None:
    """Check and build the console, once for all tests."""
    result = check(CONSOLE)
    assert result.returncode == 0, result.stdout
