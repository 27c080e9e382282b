"""Fixtures for the tests of examples."""

import pytest

from .web import WEB, check


@pytest.fixture(scope="session")
def built() -> None:
    """examples/web as it stands, checked and built."""
    done = check(WEB)
    assert done.returncode == 0, done.stdout
