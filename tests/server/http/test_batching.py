"""Batches: several operations in one HTTP request, run concurrently, with one response each, in order."""

import asyncio
from typing import Any

from providers.sandbox import Fault
from tests.harness import Service, running_service
from tests.server.wire import error_codes_and_messages, post_bytes

QUERY = '{ invoices(first: 1, filterBy: { providers: ["%s"] }) { coverage { account { id } status } } }'
FASTLY, ARCHERA = {"query": QUERY % "fastly"}, {"query": QUERY % "archera"}


def complete_responses(*accounts: str) -> list[dict[str, Any]]:
    """The responses to QUERY with the coverage of each account complete."""
    return [
        {"data": {"invoices": {"coverage": [{"account": {"id": account}, "status": "COMPLETE"}]}}}
        for account in accounts
    ]


def without_extensions(responses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in response.items() if key != "extensions"} for response in responses]


async def test_responses_are_in_the_order_of_operations(service: Service) -> None:
    service.control("archera").faults.append(Fault(kind="delay", seconds=0.2))
    response = await service.post([ARCHERA, FASTLY, {"query": "query A { __typename }", "operationName": "A"}])

    assert response.status_code == 200
    assert without_extensions(response.json()) == [
        *complete_responses("archera/sandbox-archera", "fastly/sandbox-fastly"),
        {"data": {"__typename": "Query"}},
    ]
    assert [result["extensions"]["coverage"][0]["account"] for result in response.json()[:2]] == [
        "archera/sandbox-archera",
        "fastly/sandbox-fastly",
    ]


async def test_operations_run_concurrently(service: Service) -> None:
    fastly, archera = service.control("fastly"), service.control("archera")
    for control in (fastly, archera):
        control.faults.append(Fault(kind="delay", seconds=0.5))
    request = asyncio.create_task(service.post([FASTLY, ARCHERA]))
    async with asyncio.timeout(5):
        await fastly.wait_for_in_flight(in_flight=1)
        await archera.wait_for_in_flight(in_flight=1)
    in_flight = (fastly.in_flight, archera.in_flight)
    await request

    assert in_flight == (1, 1)


async def test_operations_share_one_provider_call(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="delay", seconds=0.2))
    results = (await service.post([FASTLY, FASTLY])).json()

    assert without_extensions(results) == complete_responses("fastly/sandbox-fastly", "fastly/sandbox-fastly")
    assert len(service.calls("fastly")) == 1


async def test_failed_operation_does_not_affect_others(service: Service) -> None:
    batch = [{"query": "{"}, 3, {"query": "{ pay }"}, {}, FASTLY, {"query": "mutation { pay }"}]
    response = await service.post(batch, accept="application/graphql-response+json")
    results = response.json()

    assert (response.status_code, response.headers["content-type"]) == (200, "application/graphql-response+json")
    assert without_extensions([results[4]]) == complete_responses("fastly/sandbox-fastly")
    assert [result["errors"][0]["extensions"]["code"] for result in results[:4] + results[5:]] == [
        "GRAPHQL_PARSE_FAILED",
        "BAD_USER_INPUT",
        "GRAPHQL_VALIDATION_FAILED",
        "BAD_USER_INPUT",
        "BAD_USER_INPUT",
    ]


async def test_shared_deadline_affects_only_slow_operations() -> None:
    async with running_service(deadline=1) as service:
        service.control("fastly").faults.append(Fault(kind="hang"))
        results = (await service.post([FASTLY, ARCHERA])).json()

    assert results[0]["data"]["invoices"]["coverage"][0]["status"] == "MISSING"
    assert without_extensions(results[1:]) == complete_responses("archera/sandbox-archera")


async def test_body_limit_applies_to_the_whole_batch(service: Service) -> None:
    response = await post_bytes(
        service, b"[" + b", ".join([b'{"query": "{ __typename } #%s"}' % (b"x" * 20_000)] * 6) + b"]"
    )

    assert (response.status_code, error_codes_and_messages(response)) == (
        413,
        [("BAD_USER_INPUT", "The request body is longer than 100,000 bytes. Send a shorter one.")],
    )


async def test_batch_response_is_not_stored(service: Service) -> None:
    response = await service.post([{"query": "{ __typename }"}])

    assert ([each["data"] for each in response.json()], response.headers["cache-control"]) == (
        [{"__typename": "Query"}],
        "private, no-store",
    )
