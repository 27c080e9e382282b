"""A question that is another's to the byte has the kept answer at once, and only where it would have it anyway."""

import asyncio
from typing import Any

import pytest

from providers.sandbox import Fault
from server.http.fast_path import RequestMemo
from server.operations.request import GraphQLRequest
from tests.harness import Service
from tests.server.operations.test_response_cache import FASTLY, remembering

ASKED = {"query": FASTLY}


async def _noted(service: Service) -> int:
    """How many questions are known."""
    return len(service.app.state.endpoint.memo)


async def test_a_question_that_is_asked_again_has_the_same_response() -> None:
    async with remembering() as service:
        first = await service.post(ASKED)
        again = await service.post(ASKED)

        assert await _noted(service) == 1
        assert again.content == first.content
        named = ("content-type", "cache-control", "vary", "content-encoding", "content-length")
        assert [again.headers.get(name) for name in named] == [first.headers.get(name) for name in named]
        assert again.headers["x-request-id"] != first.headers["x-request-id"]
        assert (await service.post(ASKED, **{"X-Request-Id": "mine"})).headers["x-request-id"] == "mine"


@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        ({"Accept": "application/graphql-response+json"}, "application/graphql-response+json"),
        ({"Accept": "text/event-stream"}, "text/event-stream; charset=utf-8"),
        ({"Content-Type": "text/plain"}, "application/json"),
    ],
)
async def test_who_accepts_or_sends_something_else_is_answered_accordingly(
    headers: dict[str, str], content_type: str
) -> None:
    async with remembering() as service:
        for _ in range(2):
            await service.post(ASKED)
        response = await service.post(ASKED, **headers)

        assert response.headers["content-type"] == content_type
        assert response.status_code == (415 if "Content-Type" in headers else 200)


async def test_who_asks_for_what_the_providers_say_now_has_that() -> None:
    async with remembering() as service:
        for _ in range(2):
            await service.post(ASKED)
        service.forget_calls()
        await service.post(ASKED, **{"Cache-Control": "no-cache"})

        assert len(service.calls("fastly")) == 1


async def test_an_answer_that_ran_out_is_made_again() -> None:
    async with remembering(freshness={"list": 0.2, "invoice": 0.2, "settled": 0.2}) as service:
        for _ in range(2):
            await service.post(ASKED)
        await asyncio.sleep(0.25)
        service.forget_calls()
        await service.post(ASKED)

        assert len(service.calls("fastly")) == 1


async def test_while_the_service_stops_every_connection_is_closed_after_its_answer() -> None:
    async with remembering() as service:
        for _ in range(2):
            await service.post(ASKED)
        service.app.state.stopping = True

        assert (await service.post(ASKED)).headers["connection"] == "close"


async def test_a_body_that_comes_slowly_is_waited_for() -> None:
    async with remembering() as service:
        await service.post(ASKED)
        body = (await service.client.post("/graphql", json=ASKED)).request.content

        async def slowly() -> Any:
            yield body[:10]
            await asyncio.sleep(0.2)
            yield body[10:]

        response = await service.client.post("/graphql", content=slowly(), headers={"Content-Type": "application/json"})
        assert response.json()["data"]["invoices"]["nodes"]


def test_questions_are_bounded_by_their_bytes() -> None:
    questions = RequestMemo(most_bytes=4_500)
    for number in range(10):
        questions.note((b"%d" % number * 500, b"", b""), (number,), GraphQLRequest())

    assert [number for number in range(10) if questions.find((b"%d" % number * 500, b"", b""))] == [7, 8, 9]


async def test_a_question_asked_again_that_fails_now_is_executed_once_and_says_so(service: Service) -> None:
    nodes = "nodes { lineItems { totalCount } }"
    asked = {"query": f'{{ invoices(first: 1, filterBy: {{ providers: ["archera"] }}) {{ {nodes} }} }}'}
    accept = {"Accept": "application/graphql-response+json"}
    assert "errors" not in (await service.post(asked, **accept)).json()
    assert await _noted(service) == 1
    service.forget_calls()
    service.control("archera").faults.append(Fault(kind="status", status=403, path="line-items"))

    response = await service.post(asked, **accept, **{"X-Request-Id": "mine"})

    [error] = response.json()["errors"]
    assert (error["extensions"]["code"], response.headers["x-request-id"]) == ("FORBIDDEN", "mine")
    assert response.headers["content-type"] == "application/graphql-response+json"
    assert response.headers["cache-control"] == "private, no-store"
    assert len(service.calls("archera")) == 2
