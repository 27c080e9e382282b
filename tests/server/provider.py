"""Fastly's sandbox in the process of the test, for a service that has a process of its own."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from providers.sandbox import Control, serve
from tests.harness import sandbox_of

from .command import Running, configured, started

FORGETFUL = "freshness = { settled = 0, invoice = 0, list = 0, month_to_date = 0, absent = 0, stale_for = 0 }\n"


class Provider:
    """The provider, and configurations of accounts that are found there."""

    def __init__(self, control: Control, url: str, key: str, folder: Path) -> None:
        self.control = control
        self._url, self._key, self._folder = url, key, folder

    def config(self, server: str = "", account: str = "", accounts: int = 1) -> Path:
        """Writes the file: what stands in `[server]`, and at the end of the last account; replaces it as a whole."""
        file = Path(configured(self._folder, [(self._url, self._key)] * accounts, f"[server]\n{server}"))
        return self.write(file.read_text() + account)

    def write(self, text: str) -> Path:
        new, file = self._folder / "new.toml", self._folder / "followed.toml"
        new.write_text(text)
        return new.replace(file)


@asynccontextmanager
async def fastly(folder: Path) -> AsyncIterator[Provider]:
    sandbox = sandbox_of()
    async with serve(sandbox) as url:
        api = sandbox.apis["fastly"]
        yield Provider(api.control, f"{url}/fastly", api.key, folder)


def serving(config: Path) -> AbstractAsyncContextManager[Running]:
    return started("serve", "--port", "0", "--config", str(config))
