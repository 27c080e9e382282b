"""Identical operations share one execution, but neither its errors nor the data that its deadline cost."""

import asyncio
import time

import pytest

from providers.sandbox import Fault
from resolvers.outcomes import RequestOutcomes
from server.operations.coalescing import OperationCoalescer
from server.operations.response import GraphQLResponse
from tests.harness import NO_CACHE_NO_RETRY, Service, running_service

LIST = '{ invoices(first: 5, filterBy: { providers: ["archera"] }) { nodes { id lineItems { totalCount } } } }'
COVERAGE = '{ invoices(first: 5, filterBy: { providers: ["archera"] }) { nodes { id } coverage { code } } }'
BAD = "{ invoices(first: 5000) { nodes { id } } }"


def _count_executions(service: Service) -> int:
    count: int = service.app.state.runner.coalescer.in_progress
    return count


async def test_identical_operations_share_one_execution(service: Service) -> None:
    service.control("archera").faults.append(Fault(kind="delay", seconds=0.3, path="invoices$"))
    requests = [asyncio.create_task(service.post({"query": LIST})) for _ in range(20)]
    await service.control("archera").wait_for_in_flight(in_flight=1)
    await asyncio.sleep(0.1)

    assert _count_executions(service) == 1
    responses = await asyncio.gather(*requests)
    assert len({response.content for response in responses}) == 1
    assert len({response.headers["x-request-id"] for response in responses}) == 20
    assert len(service.calls("archera")) == 6
    assert _count_executions(service) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"query": LIST.replace("first: 5", "first: 4")},
        {"query": LIST, "variables": {"n": 1}},
        {"query": f"query A {LIST} query B {LIST}", "operationName": "B"},
    ],
)
async def test_different_operations_are_executed_separately(service: Service, other: dict[str, object]) -> None:
    service.control("archera").faults.append(Fault(kind="delay", seconds=0.2, path="invoices$"))
    requests = [asyncio.create_task(service.post(body)) for body in ({"query": LIST}, other)]
    await service.control("archera").wait_for_in_flight(in_flight=1)
    await asyncio.sleep(0.05)

    assert _count_executions(service) == 2
    await asyncio.gather(*requests)


async def test_the_last_cancelled_waiter_cancels_the_execution(service: Service) -> None:
    control = service.control("archera")
    control.faults.append(Fault(kind="delay", seconds=0.4, path="invoices$"))
    first = asyncio.create_task(service.post({"query": LIST}))
    await control.wait_for_in_flight(in_flight=1)
    second = asyncio.create_task(service.post({"query": LIST}))
    await asyncio.sleep(0.1)
    first.cancel()

    assert len((await second).json()["data"]["invoices"]["nodes"]) == 5
    assert len(service.calls("archera")) == 6

    control.faults[:] = [Fault(kind="hang")]
    only_request = asyncio.create_task(service.post({"query": LIST}))
    await control.wait_for_in_flight(in_flight=1)
    only_request.cancel()
    async with asyncio.timeout(5):
        await control.wait_for_in_flight(in_flight=0)
    assert _count_executions(service) == 0


async def test_a_response_with_errors_is_not_shared(service: Service) -> None:
    responses = await asyncio.gather(*(service.post({"query": BAD}) for _ in range(5)))

    assert [response.json()["errors"][0]["extensions"]["code"] for response in responses] == ["BAD_USER_INPUT"] * 5


async def test_a_timed_out_response_is_not_shared() -> None:
    async with running_service(settings=NO_CACHE_NO_RETRY, deadline=1.5) as service:
        service.control("archera").faults.append(Fault(kind="hang", times=1))
        first = asyncio.create_task(service.query(COVERAGE))
        await service.control("archera").wait_for_in_flight(in_flight=1)
        await asyncio.sleep(0.9)
        second = await service.query(COVERAGE)

        assert [entry["code"] for entry in (await first)["data"]["invoices"]["coverage"]] == ["TIMED_OUT"]
        assert [entry["code"] for entry in second["data"]["invoices"]["coverage"]] == [None]


async def test_a_waiter_keeps_its_own_deadline() -> None:
    async with running_service(settings=NO_CACHE_NO_RETRY, deadline=3) as service:
        await service.query(COVERAGE)  # from now on the fast path knows the request
        service.control("archera").faults += [Fault(kind="hang", times=1), Fault(kind="delay", seconds=2)]
        first = asyncio.create_task(service.query(COVERAGE))
        await service.control("archera").wait_for_in_flight(in_flight=1)
        second = await service.query(COVERAGE)  # the first times out with less than a second of the three left

        for result in (await first, second):
            assert [entry["code"] for entry in result["data"]["invoices"]["coverage"]] == ["TIMED_OUT"]


async def test_incomparable_variables_are_not_coalesced(service: Service) -> None:
    body = {"query": "query ($n: Int) { invoices(first: $n) { nodes { id } } }", "variables": {"n": 10**30}}

    result = (await service.post(body)).json()

    assert result["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def _execute() -> GraphQLResponse:
    await asyncio.sleep(0)
    return GraphQLResponse({"data": {}}, outcomes=RequestOutcomes())


async def test_an_execution_starts_once_until_it_ends() -> None:
    coalescer, starts = OperationCoalescer(), list[int]()

    async def execute() -> GraphQLResponse:
        starts.append(coalescer.in_progress)
        return await _execute()

    first, second = [
        await asyncio.gather(*(coalescer.join_or_start(("key",), execute) for _ in range(5))) for _ in range(2)
    ]

    assert starts == [1, 1]
    assert {id(response) for response in first} != {id(response) for response in second}
    assert [len({id(response) for response in responses}) for responses in (first, second)] == [1, 1]
    assert coalescer.in_progress == 0


async def test_a_request_after_the_last_cancelled_one_starts_anew() -> None:
    coalescer, starts = OperationCoalescer(), list[bool]()

    async def execute() -> GraphQLResponse:
        starts.append(True)
        if len(starts) == 1:
            await asyncio.Event().wait()
        return await _execute()

    only_request = asyncio.create_task(coalescer.join_or_start(("key",), execute))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    only_request.cancel()
    await asyncio.wait([only_request])
    await asyncio.gather(*(coalescer.join_or_start(("key",), execute) for _ in range(5)))

    assert len(starts) == 2


async def test_a_new_operation_starts_between_wake_ups() -> None:
    coalescer, woken, woken_at_start = OperationCoalescer(), list[int](), list[int]()

    async def execute_slowly() -> GraphQLResponse:
        woken_at_start.append(len(woken))
        await asyncio.sleep(0.02)
        return await _execute()

    async def request(number: int) -> None:
        await coalescer.join_or_start(("key",), execute_slowly)
        woken.append(number)
        if number == 0:
            await coalescer.join_or_start(("key",), execute_slowly)

    await asyncio.gather(*map(request, range(30)))

    assert woken == list(range(30))
    first, second = woken_at_start
    assert first == 0
    assert second < 5


async def test_a_busy_loop_wakes_all_waiters_in_time() -> None:
    coalescer, woken, turns = OperationCoalescer(), list[int](), list[int]()

    async def execute_slowly() -> GraphQLResponse:
        await asyncio.sleep(0.02)
        return await _execute()

    async def request(number: int) -> None:
        await coalescer.join_or_start(("key",), execute_slowly)
        woken.append(number)

    async def work() -> None:
        while len(woken) < 30:
            await asyncio.sleep(0)
            if woken:
                turns.append(len(woken))
                time.sleep(0.005)  # noqa: ASYNC251 (blocks the event loop)

    await asyncio.gather(work(), *map(request, range(30)))

    assert len(turns) < 30
