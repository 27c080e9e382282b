"""The graph over the real sandboxes, with a cache whose clock a test sets."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from execution.schema import Schema
from providers import PROVIDERS
from providers.cache.memory import ResourceCache
from providers.cache.source import CachedSource
from providers.call import CallContext
from providers.deadline import loop_time
from providers.sandbox import Fault, Sandbox, serve
from providers.transport.carriers import open_carrier
from providers.transport.client import ApiClient
from providers.transport.rate_limit import TokenBucket
from resolvers.accounts import AccountRegistry
from resolvers.request import RequestContext
from server.accounts import build_graph
from tests.harness import create_sandbox, now
from tests.providers.resource import Clock


@dataclass
class Graph:
    """Accounts with one cache, and the sandboxes behind them."""

    sandbox: Sandbox
    clock: Clock
    schema: Schema
    logs: Sequence[MutableMapping[str, Any]]  # every log entry since the graph started
    sources: list[CachedSource] = field(default_factory=list)
    arrivals: dict[str, list[float]] = field(default_factory=dict)  # of calls, by provider, on the loop's clock

    async def data(self, document: str, seconds: float = 10) -> Any:
        """Return one request's data. Fails if it has errors. The request's deadline is in so many seconds."""
        registry = AccountRegistry(PROVIDERS.values(), self.sources)
        context = RequestContext(registry, CallContext(loop_time() + seconds))
        try:
            result = await self.schema.execute(document, context_value=context)
        finally:
            context.close()
        assert result.errors is None, result.errors
        return result.data

    def concurrent_data(self, document: str, requests: int, seconds: float = 10) -> Any:
        """Return the data of each of many concurrent requests."""
        tasks = [asyncio.create_task(self.data(document, seconds)) for _ in range(requests)]
        return asyncio.gather(*tasks)

    def pop_calls(self, provider: str) -> list[str]:
        """Return the sorted paths of the calls to a provider since the last `pop_calls`."""
        control = self.sandbox.apis[provider].control
        paths = sorted(request.path for request in control.requests)
        control.reset_requests()
        return paths

    def inject_fault(self, provider: str, status: int = 503, **fields: Any) -> None:
        self.sandbox.apis[provider].control.faults.append(Fault(**{"kind": "status", "status": status, **fields}))

    def clear_faults(self, provider: str) -> None:
        self.sandbox.apis[provider].control.faults.clear()

    def restatements(self) -> dict[str, int]:
        """Return how many restatements were logged for each account."""
        accounts = [log["account"] for log in self.logs if log["event"] == "A posted invoice has changed."]
        return {source.settings.id: accounts.count(source.settings.account_ref.id) for source in self.sources}


@asynccontextmanager
async def cached_graph(*providers: str, **settings: Any) -> AsyncIterator[Graph]:
    """Run one sandbox account of each provider with these settings. By default no call is retried."""
    sandbox, clock = create_sandbox(*(PROVIDERS[name].sandbox(now=now) for name in providers)), Clock()
    cache = ResourceCache(clock=clock)

    async def timed_sandbox(scope: Scope, receive: Receive, send: Send) -> None:
        arrivals = graph.arrivals.setdefault(scope["path"].split("/")[1], [])
        arrivals.append(asyncio.get_running_loop().time())
        await sandbox(scope, receive, send)

    with capture_logs() as logs:
        graph = Graph(sandbox, clock, build_graph(), logs)
        async with AsyncExitStack() as stack:
            url = await stack.enter_async_context(serve(timed_sandbox))
            for account in sandbox.accounts(url):
                spec = PROVIDERS[str(account["provider"])]
                account_settings = spec.settings.model_validate({**account, "attempts": 1, **settings})
                carrier = await stack.enter_async_context(aclosing(open_carrier()))
                rate = account_settings.rate_limit
                limit = TokenBucket(rate.per_second, rate.burst) if rate else None
                client = ApiClient(account_settings, carrier, limit)
                open_source = partial(spec.source, account_settings, client)
                graph.sources.append(CachedSource(account_settings, open_source, cache))
            yield graph
