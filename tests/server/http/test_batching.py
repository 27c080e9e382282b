"""Several operations in one HTTP request: run at once, answered in order, each for itself."""

import asyncio
from typing import Any

from providers.sandbox import Fault
from tests.harness import Service, running
from tests.server.wire import errors, send

QUERY = '{ invoices(first: 1, filterBy: { providers: ["%s"] }) { coverage { account { id } status } } }'
FASTLY, ARCHERA = {"query": QUERY % "fastly"}, {"query": QUERY % "archera"}


def covered(*accounts: str) -> list[dict[str, Any]]:
    return [
        {"data": {"invoices": {"coverage": [{"account": {"id": account}, "status": "COMPLETE"}]}}}
        for account in accounts
    ]


def data(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers without what they say of whom they asked."""
    return [{name: member for name, member in answer.items() if name != "extensions"} for answer in answers]


async def test_operations_are_answered_in_the_order_asked(service: Service) -> None:
    service.control("archera").faults.append(Fault(kind="delay", seconds=0.2))
    response = await service.post([ARCHERA, FASTLY, {"query": "query A { __typename }", "operationName": "A"}])

    assert response.status_code == 200
    assert data(response.json()) == [
        *covered("archera/sandbox-archera", "fastly/sandbox-fastly"),
        {"data": {"__typename": "Query"}},
    ]
    assert [answer["extensions"]["coverage"][0]["account"] for answer in response.json()[:2]] == [
        "archera/sandbox-archera",
        "fastly/sandbox-fastly",
    ]


async def test_operations_run_at_once(service: Service) -> None:
    fastly, archera = service.control("fastly"), service.control("archera")
    for control in (fastly, archera):
        control.faults.append(Fault(kind="delay", seconds=0.5))
    asking = asyncio.create_task(service.post([FASTLY, ARCHERA]))
    async with asyncio.timeout(5):
        await fastly.until(in_flight=1)
        await archera.until(in_flight=1)
    both = (fastly.in_flight, archera.in_flight)
    await asking

    assert both == (1, 1)


async def test_what_two_operations_need_is_asked_for_once(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="delay", seconds=0.2))
    answers = (await service.post([FASTLY, FASTLY])).json()

    assert data(answers) == covered("fastly/sandbox-fastly", "fastly/sandbox-fastly")
    assert len(service.calls("fastly")) == 1


async def test_an_operation_that_cannot_be_run_takes_no_other_with_it(service: Service) -> None:
    batch = [{"query": "{"}, 3, {"query": "{ pay }"}, {}, FASTLY, {"query": "mutation { pay }"}]
    response = await service.post(batch, accept="application/graphql-response+json")
    answers = response.json()

    assert (response.status_code, response.headers["content-type"]) == (200, "application/graphql-response+json")
    assert data([answers[4]]) == covered("fastly/sandbox-fastly")
    assert [answer["errors"][0]["extensions"]["code"] for answer in answers[:4] + answers[5:]] == [
        "GRAPHQL_PARSE_FAILED",
        "BAD_USER_INPUT",
        "GRAPHQL_VALIDATION_FAILED",
        "BAD_USER_INPUT",
        "BAD_USER_INPUT",
    ]


async def test_one_deadline_is_over_all_operations_and_cuts_only_those_that_are_late() -> None:
    async with running(deadline=1) as service:
        service.control("fastly").faults.append(Fault(kind="hang"))
        answers = (await service.post([FASTLY, ARCHERA])).json()

    assert answers[0]["data"]["invoices"]["coverage"][0]["status"] == "MISSING"
    assert data(answers[1:]) == covered("archera/sandbox-archera")


async def test_a_batch_counts_as_one_body(service: Service) -> None:
    response = await send(service, b"[" + b", ".join([b'{"query": "{ __typename } #%s"}' % (b"x" * 20_000)] * 6) + b"]")

    assert (response.status_code, errors(response)) == (
        413,
        [("BAD_USER_INPUT", "The request is longer than 100,000 bytes.")],
    )


async def test_a_batch_is_not_to_be_kept(service: Service) -> None:
    response = await service.post([{"query": "{ __typename }"}])

    assert (response.json(), response.headers["cache-control"]) == (
        [{"data": {"__typename": "Query"}}],
        "private, no-store",
    )
