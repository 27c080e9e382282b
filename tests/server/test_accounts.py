"""One rate for each host, whichever of its accounts names it."""

from typing import Any

import pytest
from pydantic import SecretStr

from providers import PROVIDERS
from providers.errors import RateLimited
from providers.fastly.sandbox import KEY, Sandbox
from providers.sandbox import serve
from providers.settings import AccountSettings, RateLimitSettings
from providers.source import DateWindow, InvoicePage
from server.accounts import AccountConnections, connect_accounts
from tests.harness import now

ONE_AN_HOUR = RateLimitSettings(per_second=1 / 3600, burst=1)


def account(name: str, url: str, rate_limit: RateLimitSettings | None = None) -> AccountSettings:
    settings: dict[str, Any] = {"provider": "fastly", "base_url": url, "api_key": SecretStr(KEY)}
    return PROVIDERS["fastly"].settings.model_validate({"id": name, "rate_limit": rate_limit, **settings})


async def listed(connections: AccountConnections, name: str) -> InvoicePage:
    return await connections.registry[f"fastly/{name}"].source.page(DateWindow(), None)


async def test_an_account_that_names_no_rate_has_that_of_its_host() -> None:
    async with serve(Sandbox(now=now)) as url:
        accounts = [account("one", url), account("other", url, ONE_AN_HOUR)]
        async with connect_accounts(accounts) as connections:
            await listed(connections, "other")
            with pytest.raises(RateLimited):
                await listed(connections, "one")


async def test_a_rate_that_comes_or_goes_with_the_configuration_holds_for_accounts_that_stay() -> None:
    async with serve(Sandbox(now=now)) as url:
        alone = [account("one", url)]
        async with connect_accounts(alone) as connections:
            connections.use([*alone, account("other", url, ONE_AN_HOUR)])
            await listed(connections, "other")
            with pytest.raises(RateLimited):
                await listed(connections, "one")

            connections.use(alone)
            await listed(connections, "one")
