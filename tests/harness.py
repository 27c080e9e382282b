"""The real service over the real sandboxes, each on a loopback port: what most tests speak to."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
from starlette.applications import Starlette

from providers import PROVIDERS
from providers.sandbox import Control, Sandbox, SandboxApi, serve
from providers.ttl import CacheTtl
from server.accounts import serve_sandbox_accounts
from server.config.cache import DEFAULT_CACHE, CacheSettings
from server.config.settings import DEFAULT_SUBSCRIPTIONS, ServerSettings, SubscriptionSettings
from server.http.app import create_app

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)  # the sandboxes' clock: 36 months are posted


# The accounts' settings where a test says nothing else: each question is a call, and each call is made once.
PLAIN: dict[str, Any] = {
    "attempts": 1,
    "rate_limit": None,
    "freshness": CacheTtl(settled=0, invoice=0, list=0, month_to_date=0, absent=0, stale_for=0),
}


def now() -> datetime:
    return NOW


def sandbox_of(*apis: SandboxApi) -> Sandbox:
    """The given APIs; by default one of each provider, at a fixed time."""
    return Sandbox(apis or [kind.sandbox(now=now) for kind in PROVIDERS.values()])


@dataclass(frozen=True)
class Service:
    """A running service and the sandboxes behind it."""

    url: str
    sandbox: Sandbox
    client: httpx.AsyncClient
    app: Starlette

    async def query(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer to an operation that HTTP accepted."""
        response = await self.post({"query": document, "variables": variables})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def data(self, document: str, variables: dict[str, Any] | None = None) -> Any:
        """The data of an operation that has no errors."""
        answer = await self.query(document, variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def post(self, body: object, **headers: str) -> httpx.Response:
        return await self.client.post("/graphql", json=body, headers=headers)

    def api(self, provider: str) -> SandboxApi:
        return self.sandbox.apis[provider]

    def control(self, provider: str) -> Control:
        return self.api(provider).control

    def calls(self, provider: str) -> list[str]:
        """The paths, with their queries, that a provider was asked for, in order."""
        return [asked.path for asked in self.control(provider).requests]

    def forget_calls(self, providers: Iterable[str] = PROVIDERS) -> None:
        for provider in providers:
            self.control(provider).reset_requests()


@asynccontextmanager
async def running(
    sandbox: Sandbox | None = None,
    deadline: float = 10,
    settings: dict[str, Any] | None = None,
    subscriptions: SubscriptionSettings = DEFAULT_SUBSCRIPTIONS,
    cache: CacheSettings = DEFAULT_CACHE,
) -> AsyncIterator[Service]:
    """The service over these sandboxes, listening on 127.0.0.1."""
    sandbox = sandbox or sandbox_of()
    accounts = partial(serve_sandbox_accounts, sandbox, **(settings or PLAIN))
    app = create_app(accounts, ServerSettings(deadline=deadline), subscriptions=subscriptions, cache=cache)
    async with (
        app.router.lifespan_context(app),
        serve(app, websockets=True) as url,
        httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client,
    ):
        yield Service(url, sandbox, client, app)
