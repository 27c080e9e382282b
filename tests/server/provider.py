"""Fastly's sandbox in the test's process, for a service in another process."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from providers.sandbox import Control, serve
from tests.harness import create_sandbox

from .command import ServiceProcess, start_command, write_config

NO_CACHE = "freshness = { settled = 0, invoice = 0, list = 0, month_to_date = 0, absent = 0, stale_for = 0 }\n"


class Provider:
    """A served sandbox, and configurations of accounts at it."""

    def __init__(self, control: Control, url: str, key: str, folder: Path) -> None:
        self.control = control
        self._url, self._key, self._folder = url, key, folder

    def configure(self, server: str = "", account: str = "", accounts: int = 1) -> Path:
        """Write a configuration: the keys of `[server]`, and keys at the end of the last account. Returns its path."""
        template = Path(write_config(self._folder, [(self._url, self._key)] * accounts, f"[server]\n{server}"))
        return self.write(template.read_text() + account)

    def write(self, text: str) -> Path:
        """Replace the configuration file atomically."""
        temporary_path, config_path = self._folder / "new.toml", self._folder / "watched.toml"
        temporary_path.write_text(text)
        return temporary_path.replace(config_path)


@asynccontextmanager
async def serve_fastly(folder: Path) -> AsyncIterator[Provider]:
    """Serve the sandbox on a loopback port. Configurations are written to `folder`."""
    sandbox = create_sandbox()
    async with serve(sandbox) as url:
        api = sandbox.apis["fastly"]
        yield Provider(api.control, f"{url}/fastly", api.key, folder)


def start_service(config: Path) -> AbstractAsyncContextManager[ServiceProcess]:
    return start_command("serve", "--port", "0", "--config", str(config))
