"""The rate limit of a provider's host, shared by all accounts there."""

from typing import Any

import pytest
from pydantic import SecretStr

from providers import PROVIDERS
from providers.call import CallContext
from providers.errors import RateLimited
from providers.fastly.sandbox import KEY, Sandbox
from providers.sandbox import serve
from providers.settings import AccountSettings, RateLimitSettings
from providers.source import DateWindow, InvoicePage
from server.accounts import AccountConnections, connect_accounts
from tests.harness import now

ONE_PER_HOUR = RateLimitSettings(per_second=1 / 3600, burst=1)


def fastly_account(id: str, url: str, rate_limit: RateLimitSettings | None = None) -> AccountSettings:
    settings: dict[str, Any] = {"provider": "fastly", "base_url": url, "api_key": SecretStr(KEY)}
    return PROVIDERS["fastly"].settings.model_validate({"id": id, "rate_limit": rate_limit, **settings})


async def list_invoices(connections: AccountConnections, id: str) -> InvoicePage:
    return await connections.registry[f"fastly/{id}"].source.pages.get((DateWindow(), None), CallContext())


async def test_accounts_at_one_host_share_a_rate_limit() -> None:
    async with serve(Sandbox(now=now)) as url:
        accounts = [fastly_account("one", url), fastly_account("other", url, ONE_PER_HOUR)]
        async with connect_accounts(accounts) as connections:
            await list_invoices(connections, "other")
            with pytest.raises(RateLimited):
                await list_invoices(connections, "one")


async def test_reload_adds_and_removes_a_rate_limit() -> None:
    async with serve(Sandbox(now=now)) as url:
        single = [fastly_account("one", url)]
        async with connect_accounts(single) as connections:
            connections.replace_accounts([*single, fastly_account("other", url, ONE_PER_HOUR)])
            await list_invoices(connections, "other")
            with pytest.raises(RateLimited):
                await list_invoices(connections, "one")

            connections.replace_accounts(single)
            await list_invoices(connections, "one")
