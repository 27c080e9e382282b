"""What a running service holds: its accounts, connected, and the schema that answers for them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from execution.compiled.executor import executor
from providers import PROVIDERS
from providers.cache.memory import Memory
from providers.cache.shared import Shared
from providers.sandbox import Sandbox, serve
from providers.settings import AccountSettings
from providers.source import InvoiceSource
from providers.transport.rate_limit import RateLimit
from resolvers.roster import Roster
from schema import InvoiceSchema, build
from schema.values import TRAITS

from .cache import OWN, CacheSettings
from .link import Limits, Links


def graph(*, compiled: bool = True) -> InvoiceSchema:
    """The schema with every provider's own types; `compiled`: code made for an operation completes plain data."""
    options = {"execution_context_class": executor(TRAITS)} if compiled else {}
    return build([detail for kind in PROVIDERS.values() for detail in kind.details], **options)


class Connections:
    """The accounts in use, replaced as a whole; what is remembered, and the rate limits, outlive every change.

    A request keeps the accounts that it began with, and an account that stays keeps its calls, turns and failures.
    """

    def __init__(self, cache: CacheSettings, workers: int = 1) -> None:
        self.store = cache.store()
        self._links = Links(Memory(cache.most_bytes // workers), Shared(self.store) if self.store else None)
        self._limits = Limits(self.store, workers)
        self.roster = Roster((), ())
        self._rates: dict[str, RateLimit | None] = {}  # of its accounts

    @property
    def accounts(self) -> list[AccountSettings]:
        return [member.source.settings for member in self.roster]

    def use(self, accounts: Sequence[AccountSettings]) -> None:
        """From now on these."""
        self._limits.adopt(accounts)
        rates = {account.owner.id: self._limits.of(account) for account in accounts}
        sources = [self._source(account, rates[account.owner.id]) for account in accounts]
        self.roster, self._rates = Roster(PROVIDERS.values(), sources, self.roster), rates

    def _source(self, account: AccountSettings, rate: RateLimit | None) -> InvoiceSource:
        name = account.owner.id
        before = self.roster[name].source if name in self.roster else None
        if before is not None and before.settings == account and self._rates[name] is rate:
            return before
        return self._links.source(account, rate)

    async def close(self) -> None:
        await self._links.close()
        if self.store is not None:
            await self.store.close()


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
