"""What a running service holds: its accounts, connected, and the schema that answers for them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx

from providers import PROVIDERS
from providers.api import Api
from providers.limit import RateLimit
from providers.memory import Memory
from providers.remembered import Remembered
from providers.sandbox import Sandbox, serve
from providers.settings import AccountSettings, is_loopback
from resolvers.roster import Roster
from schema import Schema, build

USER_AGENT = "invoicegraph"


def graph() -> Schema:
    """The schema with every provider's own types."""
    return build([detail for kind in PROVIDERS.values() for detail in kind.details])


@asynccontextmanager
async def connected(accounts: Sequence[AccountSettings]) -> AsyncIterator[Roster]:
    """The accounts, each with connections of its own to its provider."""
    tls, memory, limits = httpx.create_ssl_context(), Memory(), _Limits()
    async with AsyncExitStack() as stack:
        sources = []
        for account in accounts:
            client = await stack.enter_async_context(_client(account, tls))
            source = PROVIDERS[account.provider].source(account, Api(account, client, limits.of(account)))
            sources.append(Remembered(source, memory))
        yield Roster(PROVIDERS.values(), sources)


@asynccontextmanager
async def sandboxed(sandbox: Sandbox | None = None, **settings: object) -> AsyncIterator[list[AccountSettings]]:
    """The demo accounts, with these settings, whose providers are simulated on a loopback port of this process."""
    sandbox = sandbox or Sandbox([kind.sandbox() for kind in PROVIDERS.values()])
    async with serve(sandbox) as base_url:
        yield [
            PROVIDERS[str(account["provider"])].settings.model_validate({**account, "sandbox": True, **settings})
            for account in sandbox.accounts(base_url)
        ]


class _Limits:
    """One limit for each provider's host, since vendors count by address; where accounts differ, the first one's."""

    def __init__(self) -> None:
        self._by_host: dict[tuple[str, str], RateLimit] = {}

    def of(self, account: AccountSettings) -> RateLimit | None:
        wanted = account.rate_limit
        if wanted is None:
            return None
        host = (account.provider, httpx.URL(account.base_url).netloc.decode())
        return self._by_host.setdefault(host, RateLimit(wanted.per_second, wanted.burst))


def _client(account: AccountSettings, tls: object) -> httpx.AsyncClient:
    """Connections that are bounded like the calls; a proxy of the environment is not asked for this machine's own."""
    return httpx.AsyncClient(
        verify=tls,  # type: ignore[arg-type]
        timeout=None,  # the deadline of each call is the bound  # noqa: S113
        limits=httpx.Limits(max_connections=account.concurrency, max_keepalive_connections=account.concurrency),
        headers={"Accept": "application/json", "User-Agent": USER_AGENT},
        trust_env=not is_loopback(httpx.URL(account.base_url).host),
    )
