"""What a running service holds: its accounts, connected, and the schema that answers for them."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager

from providers import PROVIDERS
from providers.memory import Memory
from providers.sandbox import Sandbox, serve
from providers.settings import AccountSettings
from providers.shared import Shared
from resolvers.roster import Roster
from schema import Schema, build

from .cache import OWN, CacheSettings
from .executor import executor
from .link import Limits, Link, tls_context


def graph(*, compiled: bool = True) -> Schema:
    """The schema with every provider's own types; `compiled`: code made for an operation completes plain data."""
    options = {"execution_context_class": executor()} if compiled else {}
    return build([detail for kind in PROVIDERS.values() for detail in kind.details], **options)


class Connections:
    """The accounts in use, replaced as a whole; what is remembered, and the rate limits, outlive every change.

    A request keeps the accounts that it began with. An account that stays keeps its connections; those of one
    that was changed or left out close when the last request and the last call that use them are done.
    """

    def __init__(self, cache: CacheSettings, workers: int = 1) -> None:
        self.store = cache.store()
        self._shared = Shared(self.store) if self.store else None
        self._tls, self._memory = tls_context(), Memory(cache.most_bytes // workers)
        self._limits = Limits(self.store, workers)
        self._links: list[Link] = []
        self._roster = Roster((), ())
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def accounts(self) -> list[AccountSettings]:
        return [link.account for link in self._links]

    def use(self, accounts: Sequence[AccountSettings]) -> None:
        """From now on these."""
        self._limits.adopt(accounts)
        before = {link.account.owner.id: link for link in self._links}
        links = [self._link(account, before.get(account.owner.id)) for account in accounts]
        self._roster = Roster(PROVIDERS.values(), [link.source for link in links], self._roster)
        replaced = [link for link in self._links if link not in links]
        self._links = links
        for link in replaced:
            task = asyncio.create_task(link.close_when_unused())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    @contextmanager
    def in_use(self) -> Iterator[Roster]:
        """The accounts for one request."""
        with ExitStack() as stack:
            for link in self._links:
                stack.enter_context(link.used())
            yield self._roster

    async def close(self) -> None:
        """All of them, at once: no request is left."""
        for task in list(self._closing):
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        for link in self._links:
            await link.close()
        if self.store is not None:
            await self.store.close()

    def _link(self, account: AccountSettings, before: Link | None) -> Link:
        if before is not None and before.account == account:
            return before
        return Link(account, self._tls, self._limits.of(account), self._memory, self._shared)


@asynccontextmanager
async def connected(
    accounts: Sequence[AccountSettings], cache: CacheSettings = OWN, workers: int = 1
) -> AsyncIterator[Connections]:
    """The accounts, each with connections of its own to its provider; `workers`: among how many all is divided."""
    connections = Connections(cache, workers)
    connections.use(accounts)
    try:
        yield connections
    finally:
        await connections.close()


@asynccontextmanager
async def sandboxed(sandbox: Sandbox | None = None, **settings: object) -> AsyncIterator[list[AccountSettings]]:
    """The demo accounts, with these settings, whose providers are simulated on a loopback port of this process."""
    sandbox = sandbox or demo()
    async with serve(sandbox) as base_url:
        yield simulated(sandbox, base_url, **settings)


def demo() -> Sandbox:
    """Every provider's API in miniature."""
    return Sandbox([kind.sandbox() for kind in PROVIDERS.values()])


def simulated(sandbox: Sandbox, base_url: str, **settings: object) -> list[AccountSettings]:
    """The demo accounts of a sandbox that is found at `base_url`."""
    return [
        PROVIDERS[str(account["provider"])].settings.model_validate({**account, "sandbox": True, **settings})
        for account in sandbox.accounts(base_url)
    ]
