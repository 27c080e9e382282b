"""`Account.health` reports the provider's recent successes and failures, without a call."""

from typing import Any

import httpx
from pydantic import SecretStr

from providers import PROVIDERS
from providers.fastly.client import Fastly, FastlySettings
from providers.sandbox import Fault
from providers.transport.client import ApiClient
from providers.transport.httpx_carrier import HttpxCarrier
from resolvers.accounts import AccountRegistry
from tests.harness import NOW, Service
from tests.uncached import uncached

HEALTH = '{ account(id: "fastly/sandbox-fastly") { health { status lastSuccessAt lastFailureAt code } } }'
INVOICES = '{ invoices(first: 1, filterBy: { providers: ["fastly"] }) { nodes { observedAt } coverage { code } } }'


async def _health(service: Service) -> Any:
    return (await service.data(HEALTH))["account"]["health"]


async def test_an_unused_account_is_unknown(service: Service) -> None:
    assert await _health(service) == {"status": "UNKNOWN", "lastSuccessAt": None, "lastFailureAt": None, "code": None}
    assert service.calls("fastly") == []


async def test_a_response_makes_the_account_healthy(service: Service) -> None:
    [invoice] = (await service.data(INVOICES))["invoices"]["nodes"]
    health = await _health(service)
    assert (health["status"], health["lastSuccessAt"]) == ("HEALTHY", invoice["observedAt"])


async def test_a_failure_is_reported_until_a_success(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="status", status=403, times=1))
    await service.data(INVOICES)
    failing = await _health(service)
    assert (failing["status"], failing["code"], failing["lastSuccessAt"]) == ("FAILING", "FORBIDDEN", None)

    await service.data(INVOICES)
    recovered = await _health(service)
    assert (recovered["status"], recovered["code"]) == ("HEALTHY", None)
    assert recovered["lastFailureAt"] == failing["lastFailureAt"]


def test_a_reload_keeps_the_health_record() -> None:
    settings = FastlySettings.model_validate({"id": "cdn", "provider": "fastly", "api_key": SecretStr("key")})
    source = uncached(
        Fastly(settings, ApiClient(settings, HttpxCarrier(httpx.MockTransport(lambda _: httpx.Response(200)))))
    )
    previous = AccountRegistry(PROVIDERS.values(), [source])
    previous["fastly/cdn"].health_record.record_success(NOW)

    registry = AccountRegistry(PROVIDERS.values(), [source], previous)

    assert registry["fastly/cdn"].health_record.health.last_success_at == NOW
