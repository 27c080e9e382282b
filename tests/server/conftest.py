"""Fixtures for tests of the command and the configuration."""

import os
from collections.abc import Iterator, MutableMapping
from pathlib import Path

import pytest

from .configuration import KEY


@pytest.fixture
def api_key_env() -> Iterator[MutableMapping[str, str]]:
    """The environment with the API keys of the examples, restored after the test."""
    saved = dict(os.environ)
    os.environ.update(dict.fromkeys(("FASTLY_API_KEY", "PALETTE_API_KEY", "ARCHERA_API_KEY"), KEY))
    os.environ["TWO_LINES"] = f"{KEY}\n{KEY}"
    yield os.environ
    os.environ.clear()
    os.environ.update(saved)


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    return tmp_path / "invoicegraph.toml"
