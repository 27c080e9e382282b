"""Account.health says how an account's provider has answered lately, and asks nobody."""

from typing import Any

import httpx
from pydantic import SecretStr

from providers import PROVIDERS
from providers.fastly.client import Fastly, FastlySettings
from providers.sandbox import Fault
from providers.transport.client import ApiClient
from resolvers.accounts import AccountRegistry
from tests.harness import NOW, Service

HEALTH = '{ account(id: "fastly/sandbox-fastly") { health { status lastSuccessAt lastFailureAt code } } }'
READ = '{ invoices(first: 1, filterBy: { providers: ["fastly"] }) { nodes { observedAt } coverage { code } } }'


async def _health(service: Service) -> Any:
    return (await service.data(HEALTH))["account"]["health"]


async def test_an_account_that_was_never_asked_is_unknown_and_is_not_asked_for_its_health(service: Service) -> None:
    assert await _health(service) == {"status": "UNKNOWN", "lastSuccessAt": None, "lastFailureAt": None, "code": None}
    assert service.calls("fastly") == []


async def test_an_answer_makes_it_healthy_as_of_its_observation(service: Service) -> None:
    [invoice] = (await service.data(READ))["invoices"]["nodes"]
    health = await _health(service)
    assert (health["status"], health["lastSuccessAt"]) == ("HEALTHY", invoice["observedAt"])


async def test_a_failure_is_named_until_the_next_answer(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="status", status=403, times=1))
    await service.data(READ)
    failing = await _health(service)
    assert (failing["status"], failing["code"], failing["lastSuccessAt"]) == ("FAILING", "FORBIDDEN", None)

    await service.data(READ)
    recovered = await _health(service)
    assert (recovered["status"], recovered["code"]) == ("HEALTHY", None)
    assert recovered["lastFailureAt"] == failing["lastFailureAt"]


def test_an_account_that_stays_in_another_configuration_keeps_its_record() -> None:
    settings = FastlySettings.model_validate({"id": "cdn", "provider": "fastly", "api_key": SecretStr("key")})
    source = Fastly(settings, ApiClient(settings, httpx.MockTransport(lambda _: httpx.Response(200))))
    before = AccountRegistry(PROVIDERS.values(), [source])
    before["fastly/cdn"].health_record.record_success(NOW)

    after = AccountRegistry(PROVIDERS.values(), [source], before)

    assert after["fastly/cdn"].health_record.health.last_success_at == NOW
