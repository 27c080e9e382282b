"""An account's calls to a stub provider: a function in place of the network."""

import asyncio
from typing import Any

import httpx
from pydantic import SecretStr

from providers import PROVIDERS
from providers.errors import ProviderError
from providers.transport.carrier import CarrierRequest
from providers.transport.http import HttpExchange
from providers.transport.httpx_carrier import HttpxCarrier
from providers.transport.rate_limit import TokenBucket
from providers.transport.resilience import ResilientCaller
from tests.providers.virtual import now

URL = "https://api.test/invoices"


class StubProvider:
    """Responds with each of the statuses, then with 200, and records the times of its calls."""

    def __init__(self, *statuses: int, latency_seconds: float = 0, headers: dict[str, str] | None = None) -> None:
        self.statuses, self.latency_seconds, self.headers = list(statuses), latency_seconds, headers
        self.call_times: list[float] = []

    async def __call__(self, _: httpx.Request) -> httpx.Response:
        self.call_times.append(now())
        status = self.statuses.pop(0) if self.statuses else 200
        await asyncio.sleep(self.latency_seconds)
        return httpx.Response(status, headers=self.headers, text="{}")


def caller_of(provider: Any, limit: TokenBucket | None = None, **settings: Any) -> ResilientCaller:
    """Return the caller of an account whose transport is `provider`, a handler of httpx.MockTransport."""
    account = PROVIDERS["fastly"].settings.model_validate(
        {"id": "cdn", "provider": "fastly", "api_key": SecretStr("key"), "base_url": "https://api.test"}
        | {"attempts": 3}
        | settings
    )
    return ResilientCaller(account, HttpExchange(account, HttpxCarrier(httpx.MockTransport(provider))), limit)


async def call(caller: ResilientCaller, deadline: float = 10) -> int | type[ProviderError]:
    """Make one call and return its status, or the class of its error."""
    try:
        return (await caller.get(CarrierRequest(URL, {}), deadline)).status
    except ProviderError as failure:
        return type(failure)
