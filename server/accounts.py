"""What a running service holds: its accounts, connected, and the schema that answers for them."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx

from execution.compiled.executor import compiled_executor_for
from providers import PROVIDERS
from providers.cache.memory import Memory
from providers.cache.shared import Shared
from providers.cache.source import Remembered
from providers.redis.rate_limit import SharedRateLimit
from providers.redis.store import Store
from providers.sandbox import Sandbox, serve
from providers.settings import AccountSettings, RateLimitSettings, is_loopback
from providers.source import InvoiceSource
from providers.transport.client import Api
from providers.transport.rate_limit import RateLimit
from providers.transport.wreq import Transport
from resolvers.accounts import Roster
from schema import InvoiceSchema, build_schema
from schema.values import TRAITS
from server.config.cache import OWN, CacheSettings
from server.config.settings import Settings


def graph(*, compiled: bool = True) -> InvoiceSchema:
    """The schema with every provider's own types; `compiled`: code made for an operation completes plain data."""
    options = {"execution_context_class": compiled_executor_for(TRAITS)} if compiled else {}
    return build_schema([detail for kind in PROVIDERS.values() for detail in kind.details], **options)


Accounts = Callable[[], AbstractAsyncContextManager[list[AccountSettings]]]


class Connections:
    """The accounts in use, replaced as a whole; what is remembered, and the rate limits, outlive every change.

    A request keeps the accounts that it began with, and an account that stays keeps its calls, turns and failures.
    """

    def __init__(self, cache: CacheSettings, workers: int = 1) -> None:
        self.store = None if cache.url is None else Store(cache.url)
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


class Limits:
    """One limit for each provider's host, since vendors count by address: the first one that an account there names."""

    def __init__(self, store: Store | None = None, workers: int = 1) -> None:
        self._store, self._workers = store, workers
        self._by_host: dict[tuple[str, str], RateLimit] = {}
        self._limited: set[tuple[str, str]] = set()

    def adopt(self, accounts: Iterable[AccountSettings]) -> None:
        """The limits of another configuration; a host that stays goes on with the calls that it has left."""
        self._limited = set()
        for account in accounts:
            host, wanted = _host(account), account.rate_limit
            if wanted is None or host in self._limited:
                continue
            self._limited.add(host)
            limit = self._by_host.setdefault(host, self._limit(host, wanted))
            limit.whole = wanted.per_second, wanted.burst

    def _limit(self, host: tuple[str, str], wanted: RateLimitSettings) -> RateLimit:
        if self._store is None:
            return RateLimit(wanted.per_second, wanted.burst, self._workers)
        return SharedRateLimit(wanted.per_second, wanted.burst, self._store, " ".join(host), self._workers)

    def of(self, account: AccountSettings) -> RateLimit | None:
        """That of its host, whichever account there names it."""
        host = _host(account)
        return self._by_host[host] if host in self._limited else None


class Links:
    """Connects accounts. All of them share the connections, which no credential belongs to: each call shows its own."""

    def __init__(self, memory: Memory, shared: Shared | None) -> None:
        self._memory, self._shared = memory, shared
        self._outside, self._own = Transport(), Transport(direct=True)

    def source(self, account: AccountSettings, limit: RateLimit | None) -> Remembered:
        """A proxy of the environment is not asked for this machine's own."""
        transport = self._own if is_loopback(httpx.URL(account.base_url).host) else self._outside
        source = PROVIDERS[account.provider].source(account, Api(account, transport, limit))
        return Remembered(source, self._memory, self._shared)

    async def close(self) -> None:
        await self._outside.aclose()
        await self._own.aclose()


def _host(account: AccountSettings) -> tuple[str, str]:
    return account.provider, httpx.URL(account.base_url).netloc.decode()


def accounts_of(settings: Settings) -> Accounts:
    @asynccontextmanager
    async def configured() -> AsyncIterator[list[AccountSettings]]:
        yield settings.accounts

    return configured if settings.accounts else sandboxed
