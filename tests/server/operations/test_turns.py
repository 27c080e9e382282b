"""A long operation neither delays other requests nor outlives its deadline or its client."""

import asyncio
import warnings
from collections.abc import AsyncIterator

import pytest

from execution.executor import Executor
from providers.cache.memory import Waiter
from resolvers.request import RequestContext
from server.operations.operation import OperationRequest
from server.operations.request import GraphQLRequest
from server.operations.runner import OperationRunner
from server.process.logs import ignore_never_awaited
from tests.garbage import live_ids, no_garbage_collection
from tests.harness import Service, running_service


def aliases(count: int, field: str) -> str:
    return " ".join(f"a{number}: {field}" for number in range(count))


TYPES = f"{{ __schema {{ {aliases(40, 'types { name fields { name } }')} }} }}"
INVOICES = f"{{ {aliases(60, 'invoices(first: 200) { nodes { id account { name } total { amount } } }')} }}"
DEFERRED = f"{{ __typename ... @defer {INVOICES} }}"
LONG = {"introspection": TYPES, "invoices": INVOICES, "deferred": DEFERRED}
ERROR = {
    "message": "The response was not complete at the deadline. Retry, or request less at once.",
    "extensions": {"code": "TIMED_OUT"},
}


@pytest.fixture(params=[True, False], ids=["compiled", "not compiled"])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    async with running_service(settings={"attempts": 1, "rate_limit": None}, compiled=request.param) as service:
        await service.data("{ invoices(first: 200) { nodes { id } } }")  # the providers' data is in memory
        yield service


@pytest.mark.parametrize("query", [TYPES, INVOICES], ids=["introspection", "invoices"])
async def test_short_operation_overtakes_a_long_one(service: Service, query: str) -> None:
    for _ in range(2):  # first without generated code, then with it
        long = asyncio.create_task(service.post({"query": query}, **{"Cache-Control": "no-cache"}))
        await asyncio.sleep(0.01)
        assert await service.data("{ __typename }") == {"__typename": "Query"}
        assert not long.done()
        assert "errors" not in (await long).json()


async def test_deadline_ends_a_long_completion() -> None:
    async with running_service(deadline=0.05) as service:
        response = await service.post({"query": TYPES})

        assert response.json() == {"data": None, "errors": [ERROR], "extensions": {"sandbox": True}}
        assert await service.data("{ __typename }") == {"__typename": "Query"}


async def run(runner: OperationRunner, query: str, *, incremental: bool) -> None:
    operation = OperationRequest(query, GraphQLRequest(query=query), "r")  # without a key: it is executed anew
    if incremental:
        async for _ in runner.execute_incremental(operation, runner.start_deadline()):
            pass
    else:
        await runner.execute(operation, runner.start_deadline())


@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.1])
async def test_cancelled_completion_leaves_nothing(service: Service, kind: str, seconds: float) -> None:
    runner: OperationRunner = service.app.state.runner
    with no_garbage_collection(), warnings.catch_warnings(record=True, action="always") as caught:
        ignore_never_awaited()
        before = live_ids(Executor, RequestContext, Waiter)
        for _ in range(2):
            task = asyncio.create_task(run(runner, LONG[kind], incremental=kind == "deferred"))
            await asyncio.sleep(seconds)
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()
            del task
        await asyncio.sleep(0.01)
        remaining = live_ids(Executor, RequestContext, Waiter) - before

    assert remaining == set()
    assert [str(warning.message) for warning in caught] == []


async def test_a_client_that_leaves_ends_the_completion(service: Service) -> None:
    runner: OperationRunner = service.app.state.runner
    client = asyncio.create_task(service.post({"query": INVOICES}))
    async with asyncio.timeout(10):
        while not runner.coalescer.in_progress:  # noqa: ASYNC110 (there is no event to wait for)
            await asyncio.sleep(0)
        client.cancel()
        while runner.coalescer.in_progress:  # noqa: ASYNC110
            await asyncio.sleep(0)

    assert runner.cached_response(runner.receive(GraphQLRequest(query=INVOICES), "r")) is None


async def test_a_deferred_part_lets_others_run(service: Service) -> None:
    long = asyncio.create_task(service.post({"query": DEFERRED}, Accept="multipart/mixed"))
    await asyncio.sleep(0.02)
    assert await service.data("{ __typename }") == {"__typename": "Query"}
    assert not long.done()
    assert '"errors"' not in (await long).text
