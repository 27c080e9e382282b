"""Fixtures for tests of what is started and configured."""

import os
from collections.abc import Iterator, MutableMapping
from pathlib import Path

import pytest

from .configuration import KEY


@pytest.fixture
def environ() -> Iterator[MutableMapping[str, str]]:
    """The environment with the keys of the examples, put back afterwards."""
    before = dict(os.environ)
    os.environ.update(dict.fromkeys(("FASTLY_API_KEY", "PALETTE_API_KEY", "ARCHERA_API_KEY"), KEY))
    os.environ["TWO_LINES"] = f"{KEY}\n{KEY}"
    yield os.environ
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "invoicegraph.toml"
