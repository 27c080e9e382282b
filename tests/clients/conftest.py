"""Fixtures of the client tests. Each program is built once."""

import asyncio
from pathlib import Path

import pytest

from .documented import build


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built program with Apollo Client and urql, typed by graphql-codegen."""
    folder = tmp_path_factory.mktemp("app")
    asyncio.run(build(folder, "app", "Types: graphql-codegen", "Apollo Client 4", "urql"))
    return folder


@pytest.fixture(scope="session")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built program with Relay."""
    folder = tmp_path_factory.mktemp("relay")
    asyncio.run(build(folder, "relay", "Relay"))
    return folder
