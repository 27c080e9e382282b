"""One account's calls, answered by a function instead of a network."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from pydantic import SecretStr

from providers import PROVIDERS
from providers.errors import ProviderError
from providers.transport.http import HttpExchange
from providers.transport.rate_limit import TokenBucket
from providers.transport.resilience import ResilientCaller
from tests.providers.virtual import now

URL = "https://api.test/invoices"
Answering = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


class Provider:
    """Answers with the statuses given, then with 200; notes when it was asked."""

    def __init__(self, *statuses: int, seconds: float = 0, headers: dict[str, str] | None = None) -> None:
        self.statuses, self.seconds, self.headers = list(statuses), seconds, headers
        self.asked: list[float] = []

    async def __call__(self, _: httpx.Request) -> httpx.Response:
        self.asked.append(now())
        status = self.statuses.pop(0) if self.statuses else 200
        await asyncio.sleep(self.seconds)
        return httpx.Response(status, headers=self.headers, text="{}")


def calls_to(provider: Any, limit: TokenBucket | None = None, **settings: Any) -> ResilientCaller:
    """An account's calls, answered by a function instead of a network."""
    account = PROVIDERS["fastly"].settings.model_validate(
        {"id": "cdn", "provider": "fastly", "api_key": SecretStr("key"), "base_url": "https://api.test"}
        | {"attempts": 3}
        | settings
    )
    return ResilientCaller(account, HttpExchange(account, httpx.MockTransport(provider)), limit)


async def got(calls: ResilientCaller, until: float = 10) -> int | type[ProviderError]:
    """The status, or the failure's kind."""
    try:
        return (await calls.get(httpx.Request("GET", URL), until)).status
    except ProviderError as failure:
        return type(failure)
