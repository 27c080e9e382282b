"""An account's way to its provider: the connections that carry its calls, and its host's rate limit."""

from collections.abc import Iterable

import httpx

from providers import PROVIDERS
from providers.cache.memory import Memory
from providers.cache.shared import Shared
from providers.cache.source import Remembered
from providers.redis.rate_limit import SharedRateLimit
from providers.redis.store import Store
from providers.settings import AccountSettings, RateLimitSettings, is_loopback
from providers.transport.client import Api
from providers.transport.rate_limit import RateLimit
from providers.transport.wreq import Transport


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
