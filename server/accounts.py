"""The accounts of a running service, connected to their providers, and its schema."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from execution.compiled.compiler import Compiler
from execution.compiled.executor import CompiledExecutor
from providers import PROVIDERS
from providers.cache.memory import ResourceCache
from providers.cache.source import CachedSource
from providers.observer import UNOBSERVED, CallObserver
from providers.sandbox import Sandbox, serve
from providers.settings import AccountSettings, RateLimitSettings
from providers.source import InvoiceSource
from providers.sqlite.store import SqliteStore
from providers.store.protocol import Store
from providers.transport.carriers import Carriers
from providers.transport.key_file import create_client
from providers.transport.measured import CarrierWrapper
from providers.transport.rate_limit import TokenBucket
from resolvers.accounts import AccountRegistry
from schema import InvoiceSchema, build_schema
from schema.values import TRAITS
from server.config.cache import DEFAULT_CACHE, CacheSettings
from server.config.settings import Settings

if TYPE_CHECKING:
    from providers.redis.store import RedisStore


def build_graph(*, compiled: bool = True, introspection: bool = True) -> InvoiceSchema:
    """Return the schema with every provider's own types.

    With `compiled`, code generated for each operation completes plain data. Without `introspection` clients cannot
    read the schema.
    """
    options: dict[str, Any] = {"introspection": introspection}
    if compiled:
        options |= {"execution_context_class": CompiledExecutor, "compiler": Compiler(TRAITS)}
    return build_schema([detail for spec in PROVIDERS.values() for detail in spec.details], **options)


AccountsContext = Callable[
    [], AbstractAsyncContextManager[list[AccountSettings]]
]  # keeps a sandbox running while entered


class AccountConnections:
    """The connected accounts. A reload replaces all of them at once; the cache and the rate limits survive it.

    A running request keeps the accounts that it started with. An account that does not change keeps its source,
    and with it the running calls, the concurrency limit and the circuit breaker.
    """

    def __init__(
        self,
        cache: CacheSettings,
        workers: int = 1,
        wrap_carrier: CarrierWrapper | None = None,
        observer: CallObserver = UNOBSERVED,
    ) -> None:
        self.store = open_store(cache)
        self.cache = ResourceCache(cache.max_memory_bytes // workers)
        self._factory = SourceFactory(self.cache, self.store, wrap_carrier, observer)
        self._limits = RateLimits(None if isinstance(self.store, SqliteStore) else self.store, workers)
        self.registry = AccountRegistry((), ())
        # By the id in the configuration, for the accounts of `registry`.
        self._sources: dict[str, CachedSource] = {}
        self._buckets: dict[str, TokenBucket | None] = {}

    @property
    def accounts(self) -> list[AccountSettings]:
        return [account.source.settings for account in self.registry]

    def replace_accounts(self, accounts: Sequence[AccountSettings]) -> None:
        """Replace the accounts in use. Sources of unchanged accounts are reused."""
        self._limits.update(accounts)
        self._factory.open_carriers({account.base_url for account in accounts})
        buckets = {account.id: self._limits.bucket_for(account) for account in accounts}
        sources = {account.id: self._source(account, buckets[account.id]) for account in accounts}
        self.registry = AccountRegistry(PROVIDERS.values(), sources.values(), self.registry)
        self._sources, self._buckets = sources, buckets

    def _source(self, account: AccountSettings, bucket: TokenBucket | None) -> CachedSource:
        previous = self._sources.get(account.id)
        if previous is not None and previous.settings == account and self._buckets[account.id] is bucket:
            return previous
        return self._factory.source(account, bucket)

    async def close(self) -> None:
        await self._factory.close()
        if self.store is not None:
            await self.store.close()


@asynccontextmanager
async def connect_accounts(
    accounts: Sequence[AccountSettings],
    cache: CacheSettings = DEFAULT_CACHE,
    workers: int = 1,
    wrap_carrier: CarrierWrapper | None = None,
    observer: CallObserver = UNOBSERVED,
) -> AsyncIterator[AccountConnections]:
    """Connect the accounts to their providers and close the connections at the end.

    Memory and rate limits are divided among that many `workers`. `wrap_carrier` returns the carrier that an account
    uses in place of the shared one. `observer` is told about each call.
    """
    connections = AccountConnections(cache, workers, wrap_carrier, observer)
    connections.replace_accounts(accounts)
    try:
        yield connections
    finally:
        await connections.close()


@asynccontextmanager
async def serve_sandbox_accounts(
    sandbox: Sandbox | None = None, **settings: object
) -> AsyncIterator[list[AccountSettings]]:
    """Serve a sandbox on a loopback port of this process and yield its accounts, changed by `settings`."""
    sandbox = sandbox or demo_sandbox()
    async with serve(sandbox) as base_url:
        yield sandbox_accounts(sandbox, base_url, **settings)


def demo_sandbox(*, odd: bool = False) -> Sandbox:
    """Return a sandbox that simulates the API of every provider. `odd`: also accounts that do not add up."""
    apis = [spec.sandbox() for spec in PROVIDERS.values()]
    odd_apis = [spec.odd_sandbox() for spec in PROVIDERS.values() if spec.odd_sandbox] if odd else []
    return Sandbox(apis + odd_apis)


def sandbox_accounts(sandbox: Sandbox, base_url: str, **settings: object) -> list[AccountSettings]:
    """Return the accounts of a sandbox that is served at `base_url`, changed by `settings`."""
    return [
        PROVIDERS[str(account["provider"])].settings.model_validate({**account, "sandbox": True, **settings})
        for account in sandbox.accounts(base_url)
    ]


class RateLimits:
    """One rate limit for each provider and host, because vendors count calls by address.

    The first account at a host that sets a rate limit sets it for all accounts at that host.
    """

    def __init__(self, store: "RedisStore | None" = None, workers: int = 1) -> None:
        self._store, self._workers = store, workers
        self._buckets: dict[tuple[str, str], TokenBucket] = {}  # by provider and host; also hosts no longer limited
        self._limited_hosts: set[tuple[str, str]] = set()

    def update(self, accounts: Iterable[AccountSettings]) -> None:
        """Apply the rate limits of these accounts. The bucket of a known host keeps its tokens."""
        self._limited_hosts = set()
        for account in accounts:
            host, rate_limit = _host(account), account.rate_limit
            if rate_limit is None or host in self._limited_hosts:
                continue
            self._limited_hosts.add(host)
            bucket = self._buckets.setdefault(host, self._create_bucket(host, rate_limit))
            bucket.limits = rate_limit.per_second, rate_limit.burst

    def _create_bucket(self, host: tuple[str, str], rate_limit: RateLimitSettings) -> TokenBucket:
        if self._store is None:
            return TokenBucket(rate_limit.per_second, rate_limit.burst, self._workers)
        from providers.redis.rate_limit import RedisTokenBucket  # noqa: PLC0415 (takes 70 ms, and few use it)

        return RedisTokenBucket(rate_limit.per_second, rate_limit.burst, self._store, " ".join(host), self._workers)

    def bucket_for(self, account: AccountSettings) -> TokenBucket | None:
        """Return the token bucket of the account's host, or None if no account at that host sets a rate limit."""
        host = _host(account)
        return self._buckets[host] if host in self._limited_hosts else None


class SourceFactory:
    """Creates the source of an account. All accounts share the connections.

    No credential belongs to a connection: each call sends its own.
    """

    def __init__(
        self, cache: ResourceCache, store: Store | None, wrap_carrier: CarrierWrapper | None, observer: CallObserver
    ) -> None:
        self._cache, self._store, self._wrap_carrier, self._observer = cache, store, wrap_carrier, observer
        self._carriers = Carriers()

    def source(self, account: AccountSettings, bucket: TokenBucket | None) -> CachedSource:
        """Return a cached source, whose client is created at its first use."""
        return CachedSource(account, partial(self._open, account, bucket), self._cache, self._store, self._observer)

    def _open(self, account: AccountSettings, bucket: TokenBucket | None) -> InvoiceSource:
        carrier = self._carriers.for_url(account.base_url)
        if self._wrap_carrier:
            carrier = self._wrap_carrier(account, carrier)
        client = create_client(account, carrier, bucket, self._observer)
        return PROVIDERS[account.provider].source(account, client)

    def open_carriers(self, base_urls: Iterable[str]) -> None:
        """Open the carriers for these hosts now, because it takes long: a carrier reads the certificates."""
        for base_url in base_urls:
            self._carriers.for_url(base_url)

    async def close(self) -> None:
        await self._carriers.close()


def open_store(cache: CacheSettings) -> "RedisStore | SqliteStore | None":
    """Return the store of these settings. Returns None if they name none."""
    if cache.url is not None:
        from providers.redis.store import RedisStore  # noqa: PLC0415 (takes 70 ms, and few use it)

        return RedisStore(cache.url)
    return None if cache.path is None else SqliteStore(cache.path, cache.max_disk_bytes)


def _host(account: AccountSettings) -> tuple[str, str]:
    return account.provider, urlsplit(account.base_url).netloc.lower()


def configured_accounts(settings: Settings) -> AccountsContext:
    """Return a context manager of the configured accounts, or of the sandbox accounts if there are none."""

    @asynccontextmanager
    async def yield_accounts() -> AsyncIterator[list[AccountSettings]]:
        yield settings.accounts

    @asynccontextmanager
    async def yield_sandbox_accounts() -> AsyncIterator[list[AccountSettings]]:
        async with serve_sandbox_accounts(demo_sandbox(odd=settings.server.odd_sandbox)) as accounts:
            yield accounts

    return yield_accounts if settings.accounts else yield_sandbox_accounts
