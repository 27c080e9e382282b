"""Fixtures of the tests of examples."""

import pytest

from .web import WEB, check


@pytest.fixture(scope="session")
def built() -> None:
    """Check and build examples/web, once for all tests."""
    result = check(WEB)
    assert result.returncode == 0, result.stdout
