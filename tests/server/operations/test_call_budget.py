"""A request makes a bounded number of provider calls. A batch shares the bound."""

from collections.abc import AsyncIterator

import pytest

from tests.harness import Service, running_service, sandbox_of

UNKNOWN = "{ " + " ".join(f'i{n}: invoice(id: "fastly/fastly/invoice/{n}") {{ id }}' for n in range(10)) + " }"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(sandbox_of("fastly"), max_provider_calls=4) as instance:
        yield instance


async def test_ids_beyond_the_budget_are_errors_without_a_call(service: Service) -> None:
    await service.prove_keys()
    account = (await service.data("{ accounts { id } }"))["accounts"][0]["id"]
    payload = await service.query(UNKNOWN.replace("fastly/fastly", account))
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["RATE_LIMITED"] * 6
    assert len(service.all_calls()) == 4


async def test_operations_of_a_batch_share_the_budget(service: Service) -> None:
    await service.prove_keys()
    account = (await service.data("{ accounts { id } }"))["accounts"][0]["id"]
    queries = [f'{{ invoice(id: "{account}/invoice/{n}") {{ id }} }}' for n in range(6)]
    payloads = (await service.post([{"query": query} for query in queries])).json()
    # Which ones fail is not defined: the operations run concurrently.
    codes = [payload["errors"][0]["extensions"]["code"] for payload in payloads if "errors" in payload]
    assert codes == ["RATE_LIMITED"] * 2
    assert [payload["data"] for payload in payloads] == [{"invoice": None}] * 6
    assert len(service.all_calls()) == 4
