"""`Cache-Control: no-cache` executes an operation separately. It bypasses the provider cache in the sandbox only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from providers.sandbox import Sandbox, serve
from providers.settings import AccountSettings
from server.accounts import serve_sandbox_accounts
from server.http.app import create_app
from tests.harness import Service, create_sandbox

LIST = '{ invoices(first: 1, filterBy: { providers: ["fastly"] }) { nodes { id } } }'


@asynccontextmanager
async def running(sandbox: Sandbox, real: bool = False) -> AsyncIterator[Service]:
    """A service with a cache. `real` declares one of its accounts to be no sandbox."""

    @asynccontextmanager
    async def accounts() -> AsyncIterator[list[AccountSettings]]:
        async with serve_sandbox_accounts(sandbox) as (first, *others):
            yield [first.model_copy(update={"sandbox": not real}), *others]

    app = create_app(accounts)
    async with (
        app.router.lifespan_context(app),
        serve(app) as url,
        httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client,
    ):
        yield Service(url, sandbox, client, app)


async def count_calls(service: Service, *headers: str) -> int:
    """Return the number of calls for one list per header, after a first list without a header."""
    await service.data(LIST)
    service.reset_calls()
    for header in headers:
        assert "errors" not in (await service.post({"query": LIST}, **{"Cache-Control": header})).json()
    return len(service.calls("fastly"))


@pytest.mark.parametrize(
    ("header", "call_count"), [("no-cache", 1), ("max-age=0, No-Cache", 1), ("max-age=0", 0), ("no-cached", 0)]
)
async def test_no_cache_calls_the_provider(header: str, call_count: int) -> None:
    async with running(create_sandbox()) as service:
        assert await count_calls(service, header) == call_count


async def test_a_bypass_refreshes_the_cache() -> None:
    async with running(create_sandbox()) as service:
        assert await count_calls(service, "no-cache", "max-age=0") == 1


async def test_no_cache_is_ignored_beside_a_real_account() -> None:
    async with running(create_sandbox(), real=True) as service:
        assert await count_calls(service, "no-cache") == 0
