"""Cache-Control: no-cache asks the providers again, in the sandbox; where calls cost something it is not heard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from providers.sandbox import Sandbox, serve
from providers.settings import AccountSettings
from server.accounts import serve_sandbox_accounts
from server.http.app import create_app
from tests.harness import Service, sandbox_of

LIST = '{ invoices(first: 1, filterBy: { providers: ["fastly"] }) { nodes { id } } }'


@asynccontextmanager
async def running(sandbox: Sandbox, real: bool = False) -> AsyncIterator[Service]:
    """With a memory; `real` gives out one of the accounts as one that is no sandbox."""

    @asynccontextmanager
    async def accounts() -> AsyncIterator[list[AccountSettings]]:
        async with serve_sandbox_accounts(sandbox) as chosen:
            yield [chosen[0].model_copy(update={"sandbox": not real}), *chosen[1:]]

    app = create_app(accounts)
    async with (
        app.router.lifespan_context(app),
        serve(app) as url,
        httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client,
    ):
        yield Service(url, sandbox, client, app)


async def calls(service: Service, *headers: str) -> int:
    """How many calls one list takes for each of these headers, after a first one."""
    await service.data(LIST)
    service.forget_calls()
    for header in headers:
        assert "errors" not in (await service.post({"query": LIST}, **{"Cache-Control": header})).json()
    return len(service.calls("fastly"))


@pytest.mark.parametrize(
    ("header", "asked"), [("no-cache", 1), ("max-age=0, No-Cache", 1), ("max-age=0", 0), ("no-cached", 0)]
)
async def test_no_cache_reads_through_the_memory(header: str, asked: int) -> None:
    async with running(sandbox_of()) as service:
        assert await calls(service, header) == asked


async def test_what_was_read_through_is_remembered() -> None:
    async with running(sandbox_of()) as service:
        assert await calls(service, "no-cache", "max-age=0") == 1


async def test_no_cache_is_not_heard_where_one_account_is_real() -> None:
    async with running(sandbox_of(), real=True) as service:
        assert await calls(service, "no-cache") == 0
