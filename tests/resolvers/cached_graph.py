"""The graph over the real sandboxes, with a memory whose clock a test sets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Receive, Scope, Send

from execution.schema import Schema
from providers import PROVIDERS
from providers.cache.memory import ResourceCache
from providers.cache.source import CachedSource
from providers.deadline import deadline
from providers.sandbox import Fault, Sandbox, serve
from providers.transport.client import ApiClient
from providers.transport.rate_limit import TokenBucket
from providers.transport.wreq import Transport
from resolvers.accounts import AccountRegistry
from resolvers.request import RequestContext
from server.accounts import build_graph
from tests.harness import now, sandbox_of
from tests.providers.resource import Clock


@dataclass
class Graph:
    """Accounts, what is remembered of them, and the sandboxes behind."""

    sandbox: Sandbox
    clock: Clock
    schema: Schema
    sources: list[CachedSource]
    arrivals: dict[str, list[float]] = field(default_factory=dict)  # of each provider's calls, on the loop's clock

    async def data(self, document: str, seconds: float = 10) -> Any:
        """One request's data, and no errors, within so many seconds."""
        deadline.set(asyncio.get_running_loop().time() + seconds)
        context = RequestContext(AccountRegistry(PROVIDERS.values(), self.sources))
        try:
            result = await self.schema.execute(document, context_value=context)
        finally:
            context.close()
        assert result.errors is None, result.errors
        return result.data

    def at_once(self, document: str, times: int, seconds: float = 10) -> Any:
        """The data of many requests at the same time."""
        requests = [asyncio.create_task(self.data(document, seconds)) for _ in range(times)]
        return asyncio.gather(*requests)

    def calls(self, provider: str) -> list[str]:
        """The paths that a provider was asked for since this was asked before, sorted."""
        control = self.sandbox.apis[provider].control
        paths = sorted(asked.path for asked in control.requests)
        control.reset_requests()
        return paths

    def fails(self, provider: str, status: int = 503, **more: Any) -> None:
        self.sandbox.apis[provider].control.faults.append(Fault(**{"kind": "status", "status": status, **more}))

    def recovers(self, provider: str) -> None:
        self.sandbox.apis[provider].control.faults.clear()

    def restated(self) -> dict[str, int]:
        """How many times each account's invoices were seen to have changed."""
        return {source.settings.id: source.restatements.restatements for source in self.sources}


@asynccontextmanager
async def remembering(*providers: str, **settings: Any) -> AsyncIterator[Graph]:
    """One sandbox account of each provider, with these settings; each call is made once unless they say otherwise."""
    clock = Clock()
    made = Graph(sandbox_of(*(PROVIDERS[name].sandbox(now=now) for name in providers)), clock, build_graph(), [])
    memory = ResourceCache(clock=clock)

    async def timed(scope: Scope, receive: Receive, send: Send) -> None:
        arrived = made.arrivals.setdefault(scope["path"].split("/")[1], [])
        arrived.append(asyncio.get_running_loop().time())
        await made.sandbox(scope, receive, send)

    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serve(timed))
        for account in made.sandbox.accounts(url):
            kind = PROVIDERS[str(account["provider"])]
            chosen = kind.settings.model_validate({**account, "attempts": 1, **settings})
            transport = await stack.enter_async_context(Transport(direct=True))
            rate = chosen.rate_limit
            limit = TokenBucket(rate.per_second, rate.burst) if rate else None
            made.sources.append(CachedSource(kind.source(chosen, ApiClient(chosen, transport, limit)), memory))
        yield made
