"""The same operation asked by many at once is executed once, and nobody has to do with another's haste or errors."""

import asyncio
import time

import pytest

from providers.sandbox import Fault
from resolvers.outcomes import RequestOutcomes
from server.operations.response import GraphQLResponse
from server.operations.single_flight import SingleFlight, shareable_response
from tests.harness import PLAIN, Service, running

LIST = '{ invoices(first: 5, filterBy: { providers: ["archera"] }) { nodes { id lineItems { totalCount } } } }'
COVERAGE = '{ invoices(first: 5, filterBy: { providers: ["archera"] }) { nodes { id } coverage { code } } }'
BAD = "{ invoices(first: 5000) { nodes { id } } }"


def _executions(service: Service) -> int:
    executions: int = service.app.state.runner.single_flight.in_progress
    return executions


async def test_a_crowd_that_asks_the_same_shares_one_execution(service: Service) -> None:
    service.control("archera").faults.append(Fault(kind="delay", seconds=0.3, path="invoices$"))
    asking = [asyncio.create_task(service.post({"query": LIST})) for _ in range(20)]
    await service.control("archera").until(in_flight=1)
    await asyncio.sleep(0.1)

    assert _executions(service) == 1
    responses = await asyncio.gather(*asking)
    assert len({response.content for response in responses}) == 1
    assert len({response.headers["x-request-id"] for response in responses}) == 20
    assert len(service.calls("archera")) == 6
    assert _executions(service) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"query": LIST.replace("first: 5", "first: 4")},
        {"query": LIST, "variables": {"n": 1}},
        {"query": f"query A {LIST} query B {LIST}", "operationName": "B"},
    ],
)
async def test_another_operation_or_other_variables_are_executed_apart(
    service: Service, other: dict[str, object]
) -> None:
    service.control("archera").faults.append(Fault(kind="delay", seconds=0.2, path="invoices$"))
    asking = [asyncio.create_task(service.post(body)) for body in ({"query": LIST}, other)]
    await service.control("archera").until(in_flight=1)
    await asyncio.sleep(0.05)

    assert _executions(service) == 2
    await asyncio.gather(*asking)


async def test_who_leaves_disturbs_nobody_and_the_last_one_ends_it(service: Service) -> None:
    control = service.control("archera")
    control.faults.append(Fault(kind="delay", seconds=0.4, path="invoices$"))
    first = asyncio.create_task(service.post({"query": LIST}))
    await control.until(in_flight=1)
    second = asyncio.create_task(service.post({"query": LIST}))
    await asyncio.sleep(0.1)
    first.cancel()

    assert len((await second).json()["data"]["invoices"]["nodes"]) == 5
    assert len(service.calls("archera")) == 6

    control.faults[:] = [Fault(kind="hang")]
    alone = asyncio.create_task(service.post({"query": LIST}))
    await control.until(in_flight=1)
    alone.cancel()
    async with asyncio.timeout(5):
        await control.until(in_flight=0)
    assert _executions(service) == 0


async def test_an_answer_with_errors_is_everybody_s_own(service: Service) -> None:
    responses = await asyncio.gather(*(service.post({"query": BAD}) for _ in range(5)))

    assert [response.json()["errors"][0]["extensions"]["code"] for response in responses] == ["BAD_USER_INPUT"] * 5


async def test_who_has_more_time_does_not_have_the_answer_of_who_ran_out_of_it() -> None:
    async with running(settings=PLAIN, deadline=1.5) as service:
        service.control("archera").faults.append(Fault(kind="hang", times=1))
        late = asyncio.create_task(service.query(COVERAGE))
        await service.control("archera").until(in_flight=1)
        await asyncio.sleep(0.9)
        joined = await service.query(COVERAGE)

        assert [entry["code"] for entry in (await late)["data"]["invoices"]["coverage"]] == ["TIMED_OUT"]
        assert [entry["code"] for entry in joined["data"]["invoices"]["coverage"]] == [None]


async def test_who_waited_in_vain_for_another_has_no_more_time_than_his_own() -> None:
    async with running(settings=PLAIN, deadline=3) as service:
        await service.query(COVERAGE)  # from now on the question is known
        service.control("archera").faults += [Fault(kind="hang", times=1), Fault(kind="delay", seconds=2)]
        first = asyncio.create_task(service.query(COVERAGE))
        await service.control("archera").until(in_flight=1)
        joined = await service.query(COVERAGE)  # the first gives up when less than a second of three is left

        for answer in (await first, joined):
            assert [entry["code"] for entry in answer["data"]["invoices"]["coverage"]] == ["TIMED_OUT"]


async def test_variables_that_cannot_be_compared_are_an_operation_of_their_own(service: Service) -> None:
    body = {"query": "query ($n: Int) { invoices(first: $n) { nodes { id } } }", "variables": {"n": 10**30}}

    answer = (await service.post(body)).json()

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def _answer() -> GraphQLResponse:
    await asyncio.sleep(0)
    return GraphQLResponse({"data": {}}, outcomes=RequestOutcomes())


async def test_who_asks_what_another_is_about_to_ask_shares_his_execution() -> None:
    together = SingleFlight()
    with together.reserve(("key",)):
        place = together.join(("key",))
        assert place is not None
        await asyncio.sleep(0)
        own = await together.join_or_start(("key",), _answer)

    assert shareable_response(await place) is own
    assert together.join(("key",)) is None


async def test_who_is_about_to_ask_and_does_not_lets_the_others_go() -> None:
    together = SingleFlight()
    with together.reserve(("key",)):
        place, gone = together.join(("key",)), together.join(("key",))
        assert place is not None
        assert gone is not None
        gone.cancel()
        await asyncio.sleep(0)

    assert shareable_response(await place) is None
    assert together.join(("key",)) is None


async def test_who_asks_next_is_heard_while_others_are_told_what_was_long_in_coming() -> None:
    together, told, begun = SingleFlight(), list[int](), list[int]()

    async def long() -> GraphQLResponse:
        begun.append(len(told))
        await asyncio.sleep(0.02)
        return await _answer()

    async def ask(number: int) -> None:
        await together.join_or_start(("key",), long)
        told.append(number)
        if number == 0:
            await together.join_or_start(("key",), long)

    await asyncio.gather(*map(ask, range(30)))

    assert told == list(range(30))
    first, next_one = begun
    assert first == 0
    assert next_one < 5


async def test_where_the_loop_is_busy_nobody_is_told_much_later_than_the_first() -> None:
    together, told, turns = SingleFlight(), list[int](), list[int]()

    async def long() -> GraphQLResponse:
        await asyncio.sleep(0.02)
        return await _answer()

    async def ask(number: int) -> None:
        await together.join_or_start(("key",), long)
        told.append(number)

    async def work() -> None:
        while len(told) < 30:
            await asyncio.sleep(0)
            if told:
                turns.append(len(told))
                time.sleep(0.005)  # noqa: ASYNC251 (it holds the loop)

    await asyncio.gather(work(), *map(ask, range(30)))

    assert len(turns) < 30
