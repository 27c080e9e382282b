"""One account's way to its provider: its connections, closed when nobody uses them, and its host's rate limit."""

import asyncio
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpx

from providers import PROVIDERS
from providers.api import Answer, Api
from providers.http import PACKING
from providers.limit import RateLimit, SharedRateLimit
from providers.memory import Memory
from providers.remembered import Remembered
from providers.settings import AccountSettings, RateLimitSettings, is_loopback
from providers.shared import Shared
from providers.store import Store

USER_AGENT = "invoicegraph"


class Limits:
    """One limit for each provider's host, since vendors count by address; where accounts differ, the first one's."""

    def __init__(self, store: Store | None = None, workers: int = 1) -> None:
        self._store, self._workers = store, workers
        self._by_host: dict[tuple[str, str], RateLimit] = {}

    def adopt(self, accounts: Iterable[AccountSettings]) -> None:
        """The limits of another configuration; a host that stays goes on with the calls that it has left."""
        adopted = set()
        for account in accounts:
            host, wanted = _host(account), account.rate_limit
            if wanted is None or host in adopted:
                continue
            adopted.add(host)
            limit = self._by_host.setdefault(host, self._limit(host, wanted))
            limit.whole = wanted.per_second, wanted.burst

    def _limit(self, host: tuple[str, str], wanted: RateLimitSettings) -> RateLimit:
        if self._store is None:
            return RateLimit(wanted.per_second, wanted.burst, self._workers)
        return SharedRateLimit(wanted.per_second, wanted.burst, self._store, " ".join(host), self._workers)

    def of(self, account: AccountSettings) -> RateLimit | None:
        return None if account.rate_limit is None else self._by_host[_host(account)]


class Link:
    """One account, connected. It is in use while a request could ask it, or a call that others joined is under way."""

    def __init__(
        self,
        account: AccountSettings,
        tls: ssl.SSLContext,
        limit: RateLimit | None,
        memory: Memory,
        shared: Shared | None = None,
    ) -> None:
        self.account = account
        self._client = _client(account, tls)
        self._users, self._unused = 0, asyncio.Event()
        self._unused.set()
        api = _CountedApi(self, account, self._client, limit)
        self.source = Remembered(PROVIDERS[account.provider].source(account, api), memory, shared)

    @contextmanager
    def used(self) -> Iterator[None]:
        self._users += 1
        self._unused.clear()
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._unused.set()

    async def close_when_unused(self) -> None:
        try:
            await self._unused.wait()
        finally:
            await self.close()

    async def close(self) -> None:
        await self._client.aclose()


class _CountedApi(Api):
    """Its calls use the link: others may wait for one after the request that began it has left."""

    def __init__(
        self, link: Link, account: AccountSettings, client: httpx.AsyncClient, limit: RateLimit | None
    ) -> None:
        super().__init__(account, client, limit)
        self._link = link

    async def get(self, *path: str, **query: str | int | None) -> Answer:
        with self._link.used():
            return await super().get(*path, **query)


def tls_context() -> ssl.SSLContext:
    """One for all connections: it takes tens of milliseconds to make."""
    return httpx.create_ssl_context()


def _client(account: AccountSettings, tls: ssl.SSLContext) -> httpx.AsyncClient:
    """Connections that are bounded like the calls; a proxy of the environment is not asked for this machine's own."""
    return httpx.AsyncClient(
        verify=tls,
        timeout=None,  # the deadline of each call is the bound  # noqa: S113
        limits=httpx.Limits(max_connections=account.concurrency, max_keepalive_connections=account.concurrency),
        headers={"Accept": "application/json", "Accept-Encoding": PACKING, "User-Agent": USER_AGENT},
        trust_env=not is_loopback(httpx.URL(account.base_url).host),
    )


def _host(account: AccountSettings) -> tuple[str, str]:
    return account.provider, httpx.URL(account.base_url).netloc.decode()
