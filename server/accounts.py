"""What a running service holds: its accounts, connected, and the schema that answers for them."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx

from execution.compiled.executor import compiled_executor_for
from providers import PROVIDERS
from providers.cache.memory import ResourceCache
from providers.cache.shared import SharedCache
from providers.cache.source import CachedSource
from providers.redis.rate_limit import RedisTokenBucket
from providers.redis.store import RedisStore
from providers.sandbox import Sandbox, serve
from providers.settings import AccountSettings, RateLimitSettings, is_loopback
from providers.source import InvoiceSource
from providers.transport.client import ApiClient
from providers.transport.rate_limit import TokenBucket
from providers.transport.wreq import Transport
from resolvers.accounts import AccountRegistry
from schema import InvoiceSchema, build_schema
from schema.values import TRAITS
from server.config.cache import DEFAULT_CACHE, CacheSettings
from server.config.settings import Settings


def build_graph(*, compiled: bool = True) -> InvoiceSchema:
    """The schema with every provider's own types; `compiled`: code made for an operation completes plain data."""
    options = {"execution_context_class": compiled_executor_for(TRAITS)} if compiled else {}
    return build_schema([detail for kind in PROVIDERS.values() for detail in kind.details], **options)


Accounts = Callable[[], AbstractAsyncContextManager[list[AccountSettings]]]


class AccountConnections:
    """The accounts in use, replaced as a whole; what is remembered, and the rate limits, outlive every change.

    A request keeps the accounts that it began with, and an account that stays keeps its calls, turns and failures.
    """

    def __init__(self, cache: CacheSettings, workers: int = 1) -> None:
        self.store = None if cache.url is None else RedisStore(cache.url)
        self._factory = SourceFactory(
            ResourceCache(cache.max_memory_bytes // workers), SharedCache(self.store) if self.store else None
        )
        self._limits = RateLimits(self.store, workers)
        self.registry = AccountRegistry((), ())
        self._rates: dict[str, TokenBucket | None] = {}  # of its accounts

    @property
    def accounts(self) -> list[AccountSettings]:
        return [member.source.settings for member in self.registry]

    def use(self, accounts: Sequence[AccountSettings]) -> None:
        """From now on these."""
        self._limits.update(accounts)
        rates = {account.owner.id: self._limits.limit_of(account) for account in accounts}
        sources = [self._source(account, rates[account.owner.id]) for account in accounts]
        self.registry, self._rates = AccountRegistry(PROVIDERS.values(), sources, self.registry), rates

    def _source(self, account: AccountSettings, rate: TokenBucket | None) -> InvoiceSource:
        name = account.owner.id
        before = self.registry[name].source if name in self.registry else None
        if before is not None and before.settings == account and self._rates[name] is rate:
            return before
        return self._factory.source(account, rate)

    async def close(self) -> None:
        await self._factory.close()
        if self.store is not None:
            await self.store.close()


@asynccontextmanager
async def connect_accounts(
    accounts: Sequence[AccountSettings], cache: CacheSettings = DEFAULT_CACHE, workers: int = 1
) -> AsyncIterator[AccountConnections]:
    """The accounts, each with connections of its own to its provider; `workers`: among how many all is divided."""
    connections = AccountConnections(cache, workers)
    connections.use(accounts)
    try:
        yield connections
    finally:
        await connections.close()


@asynccontextmanager
async def serve_sandbox_accounts(
    sandbox: Sandbox | None = None, **settings: object
) -> AsyncIterator[list[AccountSettings]]:
    """The demo accounts, with these settings, whose providers are simulated on a loopback port of this process."""
    sandbox = sandbox or demo_sandbox()
    async with serve(sandbox) as base_url:
        yield sandbox_accounts(sandbox, base_url, **settings)


def demo_sandbox() -> Sandbox:
    """Every provider's API in miniature."""
    return Sandbox([kind.sandbox() for kind in PROVIDERS.values()])


def sandbox_accounts(sandbox: Sandbox, base_url: str, **settings: object) -> list[AccountSettings]:
    """The demo accounts of a sandbox that is found at `base_url`."""
    return [
        PROVIDERS[str(account["provider"])].settings.model_validate({**account, "sandbox": True, **settings})
        for account in sandbox.accounts(base_url)
    ]


class RateLimits:
    """One limit for each provider's host, since vendors count by address: the first one that an account there names."""

    def __init__(self, store: RedisStore | None = None, workers: int = 1) -> None:
        self._store, self._workers = store, workers
        self._by_host: dict[tuple[str, str], TokenBucket] = {}
        self._limited: set[tuple[str, str]] = set()

    def update(self, accounts: Iterable[AccountSettings]) -> None:
        """The limits of another configuration; a host that stays goes on with the calls that it has left."""
        self._limited = set()
        for account in accounts:
            host, wanted = _host(account), account.rate_limit
            if wanted is None or host in self._limited:
                continue
            self._limited.add(host)
            limit = self._by_host.setdefault(host, self._limit(host, wanted))
            limit.limits = wanted.per_second, wanted.burst

    def _limit(self, host: tuple[str, str], wanted: RateLimitSettings) -> TokenBucket:
        if self._store is None:
            return TokenBucket(wanted.per_second, wanted.burst, self._workers)
        return RedisTokenBucket(wanted.per_second, wanted.burst, self._store, " ".join(host), self._workers)

    def limit_of(self, account: AccountSettings) -> TokenBucket | None:
        """That of its host, whichever account there names it."""
        host = _host(account)
        return self._by_host[host] if host in self._limited else None


class SourceFactory:
    """Connects accounts. All of them share the connections, which no credential belongs to: each call shows its own."""

    def __init__(self, memory: ResourceCache, shared: SharedCache | None) -> None:
        self._memory, self._shared = memory, shared
        self._outside, self._own = Transport(), Transport(direct=True)

    def source(self, account: AccountSettings, limit: TokenBucket | None) -> CachedSource:
        """A proxy of the environment is not asked for this machine's own."""
        transport = self._own if is_loopback(httpx.URL(account.base_url).host) else self._outside
        source = PROVIDERS[account.provider].source(account, ApiClient(account, transport, limit))
        return CachedSource(source, self._memory, self._shared)

    async def close(self) -> None:
        await self._outside.aclose()
        await self._own.aclose()


def _host(account: AccountSettings) -> tuple[str, str]:
    return account.provider, httpx.URL(account.base_url).netloc.decode()


def configured_accounts(settings: Settings) -> Accounts:
    @asynccontextmanager
    async def configured() -> AsyncIterator[list[AccountSettings]]:
        yield settings.accounts

    return configured if settings.accounts else serve_sandbox_accounts
