"""A response that is too long is refused with a code, alone and in a batch."""

from collections.abc import AsyncIterator

import pytest

from tests.harness import Service, running_service

LONG = "{ __schema { types { name description } } }"
SHORT = "{ providers { id } }"
REFUSED = {
    "data": None,
    "errors": [
        {
            "message": "The response is longer than 1,000 bytes. Request fewer fields, or smaller pages.",
            "extensions": {"code": "BAD_USER_INPUT"},
        }
    ],
}


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(max_response_bytes=1_000) as instance:
        yield instance


async def test_long_response_is_refused(service: Service) -> None:
    for _ in range(2):
        assert await service.query(LONG) == REFUSED
    assert "errors" not in await service.query(SHORT)


async def test_responses_of_a_batch_share_the_bound(service: Service) -> None:
    short = await service.query(SHORT)
    names = " ".join(f"a{n}: name" for n in range(10))
    some = f"{{ providers {{ {names} }} }}"
    payloads = (await service.post([{"query": query} for query in (some, LONG, some, SHORT)])).json()
    assert ["errors" in payload for payload in payloads] == [False, True, True, False]
    assert payloads[1:] == [REFUSED, REFUSED, short]


async def test_long_event_of_a_stream_is_refused(service: Service) -> None:
    response = await service.client.post("/graphql", json={"query": LONG}, headers={"Accept": "text/event-stream"})
    assert "The response is longer than 1,000 bytes." in response.text
    assert len(response.content) < 500
