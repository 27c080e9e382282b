"""The real service over the real sandboxes, each on a loopback port. Most tests use it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx

from providers import PROVIDERS
from providers.sandbox import Control, Sandbox, SandboxApi, serve
from providers.ttl import CacheTtl
from server.accounts import serve_sandbox_accounts
from server.config.access import NO_ACCESS_CONTROL, AccessSettings
from server.config.cache import DEFAULT_CACHE, CacheSettings
from server.config.rates import NO_RATE_FILES, RatesSettings
from server.config.settings import DEFAULT_SUBSCRIPTIONS, ServerSettings, Settings, SubscriptionSettings
from server.http.app import create_app
from server.http.console import Console
from server.http.state import Application
from server.telemetry.telemetry import NO_TELEMETRY, Telemetry

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)  # the sandboxes' clock: 36 months are posted

PREFLIGHT = {"GraphQL-Require-Preflight": "1"}

# Account settings of most tests: nothing is cached, and no call is retried.
NO_CACHE_NO_RETRY: dict[str, Any] = {
    "attempts": 1,
    "rate_limit": None,
    "freshness": CacheTtl(settled=0, invoice=0, list=0, month_to_date=0, absent=0, stale_for=0),
}


def now() -> datetime:
    return NOW


def create_sandbox(*apis: SandboxApi) -> Sandbox:
    """Return a sandbox of these APIs; by default one of each provider, at a fixed time."""
    return Sandbox(apis or [spec.sandbox(now=now) for spec in PROVIDERS.values()])


def sandbox_of(*providers: str) -> Sandbox:
    """Return a sandbox of these providers, at a fixed time."""
    return create_sandbox(*(PROVIDERS[name].sandbox(now=now) for name in providers))


@dataclass(frozen=True)
class Service:
    """A running service and its sandboxes."""

    url: str
    sandbox: Sandbox
    client: httpx.AsyncClient
    app: Application

    async def query(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the payload of an operation, with data and errors. Fails if the HTTP status is not 200."""
        response = await self.post({"query": document, "variables": variables})
        assert response.status_code == 200, response.text
        payload: dict[str, Any] = response.json()
        return payload

    async def data(self, document: str, variables: dict[str, Any] | None = None) -> Any:
        """Return the data of an operation. Fails if it has errors."""
        payload = await self.query(document, variables)
        assert "errors" not in payload, payload["errors"]
        return payload["data"]

    async def post(self, body: object, **headers: str) -> httpx.Response:
        return await self.client.post("/graphql", json=body, headers=headers)

    async def get(self, parameters: dict[str, str], **headers: str) -> httpx.Response:
        """Send an operation by GET, with a header that pages of other sites cannot send."""
        return await self.client.get("/graphql", params=parameters, headers=PREFLIGHT | headers)

    def api(self, provider: str) -> SandboxApi:
        return self.sandbox.apis[provider]

    def control(self, provider: str) -> Control:
        return self.api(provider).control

    def calls(self, provider: str) -> list[str]:
        """Return the paths with queries of the calls to a provider, in order."""
        return [request.path for request in self.control(provider).requests]

    def all_calls(self) -> list[str]:
        """Return the paths with queries of the calls to all providers, provider by provider."""
        return [path for provider in self.sandbox.apis for path in self.calls(provider)]

    async def prove_keys(self) -> None:
        """Read the newest invoice of each account once: before a success, a 404 may mean that the key is refused."""
        await self.data("{ invoices(first: 1) { nodes { id } } }")
        self.reset_calls(self.sandbox.apis)

    def reset_calls(self, providers: Iterable[str] = PROVIDERS) -> None:
        for provider in providers:
            self.control(provider).reset_requests()


@asynccontextmanager
async def running_service(
    sandbox: Sandbox | None = None,
    deadline: float = 10,
    settings: dict[str, Any] | None = None,
    subscriptions: SubscriptionSettings = DEFAULT_SUBSCRIPTIONS,
    cache: CacheSettings = DEFAULT_CACHE,
    public_origins: tuple[str, ...] = (),
    access: AccessSettings = NO_ACCESS_CONTROL,
    rates: RatesSettings = NO_RATE_FILES,
    telemetry: Telemetry = NO_TELEMETRY,
    console_page: Console | None = None,
    **server_settings: Any,
) -> AsyncIterator[Service]:
    """Run the service over the sandbox on a port of 127.0.0.1. `deadline` is in seconds.

    `settings` are account settings; the default is `PLAIN`. `server_settings` are more of the `[server]` table.
    """
    sandbox = sandbox or create_sandbox()
    accounts = partial(serve_sandbox_accounts, sandbox, **(settings or NO_CACHE_NO_RETRY))
    server = ServerSettings(deadline=deadline, public_origins=public_origins, **server_settings)
    tables = Settings(server=server, subscriptions=subscriptions, cache=cache, access=access, rates=rates)
    app = create_app(accounts, tables, telemetry=telemetry, console=console_page)
    async with (
        app.router.lifespan_context(app),
        serve(app, websockets=True) as url,
        httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client,
    ):
        yield Service(url, sandbox, client, app)
