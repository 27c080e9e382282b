"""A rotated API key in a file: it is used without a restart, and before a refused call fails."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.fastly.sandbox import Sandbox as Fastly
from providers.sandbox import Control, Sandbox, serve
from providers.settings import AccountSettings
from server.config.loading import load
from server.config.watcher import ConfigWatcher
from server.http.app import create_app
from tests.harness import create_sandbox, now
from tests.server.command import start_command, write_config

LIST = "{ invoices(first: 1) { nodes { id } coverage { status code message } } }"
NEW_KEY = "a-new-key"


class Rotation:
    """Fastly's sandbox, a configuration with its key in a file, and the service over it without a watcher."""

    def __init__(self, sandbox: Sandbox, url: str, folder: Path) -> None:
        self._api = sandbox.apis["fastly"]
        self.config_path = write_config(folder, [(f"{url}/fastly", self._api.key)])
        self._key_path = folder / "key1"

    @property
    def control(self) -> Control:
        return self._api.control

    def rotate(self) -> None:
        """Replace the key at the provider and in the file."""
        self.revoke()
        self.write_key(NEW_KEY)

    def write_key(self, key: str) -> None:
        temporary_path = self._key_path.with_suffix(".new")
        temporary_path.write_text(key)
        temporary_path.chmod(0o400)
        temporary_path.replace(self._key_path)

    def remove_key(self) -> None:
        self._key_path.unlink()

    def revoke(self) -> None:
        """Replace the key at the provider only."""
        type(self._api).key = NEW_KEY


@pytest.fixture
async def rotation(tmp_path: Path) -> AsyncIterator[Rotation]:
    class RotatingFastly(Fastly):
        """Fastly's sandbox with a key of its own."""

    sandbox = create_sandbox(RotatingFastly(now=now))
    async with serve(sandbox) as url:
        yield Rotation(sandbox, url, tmp_path)


@pytest.fixture
async def client(rotation: Rotation) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service with the key that the file has now. The service does not watch its files."""
    settings = load(Path(rotation.config_path))

    @asynccontextmanager
    async def accounts() -> AsyncIterator[list[AccountSettings]]:
        yield settings.accounts

    app = create_app(accounts)
    async with app.router.lifespan_context(app), serve(app) as url, httpx.AsyncClient(base_url=url) as http_client:
        yield http_client


async def coverage(client: httpx.AsyncClient) -> Any:
    response = await client.post("/graphql", json={"query": LIST})
    return response.json()["data"]["invoices"]["coverage"]


COMPLETE = [{"status": "COMPLETE", "code": None, "message": None}]
REFUSED = [{"status": "MISSING", "code": "UNAUTHORIZED", "message": "Fastly refused the key of account cdn1."}]


async def test_a_refused_call_is_repeated_with_the_new_key(rotation: Rotation, client: httpx.AsyncClient) -> None:
    rotation.rotate()

    assert await coverage(client) == COMPLETE
    assert len(rotation.control.requests) == 2


async def test_a_key_that_did_not_change_is_refused_once(rotation: Rotation, client: httpx.AsyncClient) -> None:
    rotation.revoke()

    assert await coverage(client) == REFUSED
    assert len(rotation.control.requests) == 1


async def test_a_new_key_may_be_refused_too(rotation: Rotation, client: httpx.AsyncClient) -> None:
    rotation.revoke()
    rotation.write_key("another-key")

    assert await coverage(client) == REFUSED
    assert len(rotation.control.requests) == 2


async def test_a_missing_key_file_leaves_the_failure(rotation: Rotation, client: httpx.AsyncClient) -> None:
    rotation.revoke()
    rotation.remove_key()

    assert await coverage(client) == REFUSED


async def test_a_changed_key_file_is_reloaded(rotation: Rotation) -> None:
    async with start_command("serve", "--port", "0", "--config", rotation.config_path) as service:
        before = (await service.query(LIST)).json()["data"]["invoices"]["coverage"]
        rotation.rotate()
        event = await service.next_log_line()
        after = (await service.query(LIST)).json()["data"]["invoices"]["coverage"]

    assert (before, after) == (COMPLETE, COMPLETE)
    assert (event["event"], event["accounts"]) == ("The configuration is in use.", 1)
    assert len(rotation.control.requests) == 2


def test_a_missing_key_file_does_not_stop_the_watch(rotation: Rotation, tmp_path: Path) -> None:
    config_path = Path(rotation.config_path)
    watcher = ConfigWatcher(config_path, load(config_path), {})
    first = [watcher.poll(is_forced=False) for _ in range(3)]
    rotation.remove_key()
    (tmp_path / "key2").write_text(NEW_KEY)
    (tmp_path / "key2").chmod(0o400)
    config_path.write_text(config_path.read_text().replace("key1", "key2"))
    second = [watcher.poll(is_forced=False) for _ in range(3)]

    keys = [settings and settings.accounts[0].api_key.get_secret_value() for settings in (*first, *second)]
    assert keys == [None, Fastly.key, None, None, NEW_KEY, None]
