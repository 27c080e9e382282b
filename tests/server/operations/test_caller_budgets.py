"""Each caller has a budget of cost, and one of provider calls, per minute."""

import asyncio
from typing import Any

import pytest

from providers.errors import TooManyCallsOfCaller
from resolvers.grants import EVERYTHING
from server.access.caller import ANONYMOUS, Caller
from server.config.settings import ServerSettings
from server.operations.caller_budgets import MAX_CALLERS, CallerBudgets, CallerRateLimited, caller_key
from tests.harness import running_service, sandbox_of
from tests.providers.virtual import in_virtual_time

LIST = "{ accounts { id name } }"  # costs 7 with three accounts
TOLD = {"GraphQL-Cost": "report", "Cache-Control": "no-cache"}
UNKNOWN = "{ " + " ".join(f'i{n}: invoice(id: "%s/invoice/{n}") {{ id }}' for n in range(5)) + " }"


async def test_an_operation_beyond_the_budget_gets_429() -> None:
    async with running_service(cost_per_minute=10) as service:
        first = await service.post({"query": LIST}, **TOLD)
        assert first.json()["extensions"]["cost"] == {"estimated": 7, "max": 250_000, "remaining": 3}
        refused = await service.post({"query": LIST}, **TOLD)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 24
        [error] = refused.json()["errors"]
        assert error["extensions"] == {"code": "RATE_LIMITED"}
        assert "data" not in refused.json()


async def test_a_refused_operation_makes_no_call() -> None:
    async with running_service(cost_per_minute=1) as service:
        query = "{ invoices(first: 1) { nodes { id } } }"
        assert (await service.post({"query": query})).status_code == 200  # a full budget allows any operation
        service.reset_calls()
        assert (await service.post({"query": query})).status_code == 429
        assert service.all_calls() == []


async def test_a_cached_response_costs_nothing() -> None:
    async with running_service(cost_per_minute=10) as service:
        assert [(await service.post({"query": LIST})).status_code for _ in range(5)] == [200] * 5


async def test_an_invalid_operation_costs_nothing() -> None:
    async with running_service(cost_per_minute=10) as service:
        for _ in range(5):
            await service.post({"query": "{ accounts { id name x } }"})
        assert (await service.post({"query": LIST})).status_code == 200


async def test_an_element_of_a_batch_is_refused_alone() -> None:
    async with running_service(cost_per_minute=10) as service:
        batch = [{"query": f"query N{n} {LIST}"} for n in range(2)]
        payloads = (await service.post(batch)).json()
        assert sorted("data" in payload for payload in payloads) == [False, True]


async def test_without_a_budget_nothing_is_reported() -> None:
    async with running_service() as service:
        payload = (await service.post({"query": LIST}, **TOLD)).json()
        assert payload["extensions"]["cost"] == {"estimated": 7, "max": 250_000}


async def test_calls_beyond_the_callers_budget_are_errors() -> None:
    async with running_service(sandbox_of("fastly"), provider_calls_per_minute=6) as service:
        await service.prove_keys()
        account = (await service.data("{ accounts { id } }"))["accounts"][0]["id"]
        codes: list[Any] = []
        for name in ("a", "b"):
            payload = await service.query(UNKNOWN.replace("%s", account).replace("{ i0", f"{{ {name}: __typename i0"))
            codes.append([error["extensions"]["code"] for error in payload.get("errors", ())])
        assert codes == [[], ["RATE_LIMITED"] * 5]
        assert len(service.all_calls()) == 5


@in_virtual_time
async def test_a_budget_refills_evenly() -> None:
    budgets = CallerBudgets(ServerSettings(cost_per_minute=60))
    assert budgets.charge("a", 60) == 0
    with pytest.raises(CallerRateLimited) as refusal:
        budgets.charge("a", 30)
    assert refusal.value.retry_after == 30
    await asyncio.sleep(30)
    assert budgets.charge("a", 30) == 0
    assert budgets.charge("b", 1) == 59


@in_virtual_time
async def test_a_larger_operation_leaves_a_debt() -> None:
    budgets = CallerBudgets(ServerSettings(cost_per_minute=60))
    assert budgets.charge("a", 90) == 0
    with pytest.raises(CallerRateLimited) as refusal:
        budgets.charge("a", 1)
    assert refusal.value.retry_after == 31


@in_virtual_time
async def test_requests_share_the_calls_of_their_caller() -> None:
    budgets = CallerBudgets(ServerSettings(provider_calls_per_minute=2))
    first, second = budgets.call_budget("a"), budgets.call_budget("a")
    assert [first.take(), second.take(), first.take()] == [None, None, TooManyCallsOfCaller]
    assert budgets.call_budget("b").take() is None


@in_virtual_time
async def test_only_so_many_callers_are_kept() -> None:
    budgets = CallerBudgets(ServerSettings(cost_per_minute=60))
    budgets.charge("first", 60)
    for number in range(MAX_CALLERS):
        budgets.charge(str(number), 1)
    assert budgets.charge("first", 60) == 0  # it was forgotten, and starts anew


@pytest.mark.parametrize(
    ("peer", "key"),
    [
        ("192.0.2.1", "address 192.0.2.1"),
        ("::ffff:192.0.2.1", "address 192.0.2.1"),
        ("2001:db8::1", "address 2001:db8::/64"),
        ("2001:db8::ffff:2", "address 2001:db8::/64"),
        (None, "anonymous"),
        ("testclient", "anonymous"),
    ],
)
def test_an_anonymous_caller_is_its_address(peer: str | None, key: str) -> None:
    assert caller_key(ANONYMOUS, peer) == key


def test_an_authenticated_caller_is_its_name() -> None:
    assert caller_key(Caller("address 192.0.2.1", EVERYTHING), "192.0.2.1") == "name address 192.0.2.1"
