"""Server-sent events: which requests get a stream, and which get one JSON response."""

import asyncio
from typing import Any

import pytest

from providers import PROVIDERS
from server.config.settings import SubscriptionSettings
from tests.harness import Service, running_service

from .clients import CHANGED, events, filter_by, polling_service, wait_for_polls

QUERY = "{ providers { id } }"
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)


async def test_query_is_json_if_json_is_accepted(service: Service) -> None:
    response = await service.post({"query": QUERY}, Accept=URQL)

    assert response.headers["content-type"] == "application/graphql-response+json"
    assert response.json()["data"]["providers"] == [{"id": name} for name in PROVIDERS]


async def test_query_is_one_event_if_only_streams_are_accepted(service: Service) -> None:
    async with events(service, {"query": QUERY}) as stream:
        (name, result), last = [event async for event in stream]

    assert (name, len(result["data"]["providers"]), result["hasNext"]) == ("next", len(PROVIDERS), False)
    assert last == ("complete", None)


async def test_subscription_is_a_stream_if_accepted() -> None:
    async with (
        polling_service() as service,
        events(service, {"query": CHANGED, "variables": filter_by("fastly")}, Accept=URQL) as stream,
    ):
        event = asyncio.ensure_future(anext(stream))
        await wait_for_polls(service, "fastly")
        service.api("fastly").post_invoice()

        name, result = await event
    assert (name, result["data"]["invoiceChanged"]["kind"]) == ("next", "NEW")


async def test_subscription_runs_by_get(service: Service) -> None:
    parameters = {"query": "subscription { pay }"}
    response = await service.get(parameters, Accept="text/event-stream")

    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.text.startswith('event: next\ndata: {"errors":[{"message":"Cannot query field')
    assert response.text.endswith("event: complete\ndata:\n\n")


async def test_subscription_by_plain_post_is_rejected(service: Service) -> None:
    response = await service.post({"query": CHANGED})

    (error,) = response.json()["errors"]
    assert response.status_code == 400
    assert "text/event-stream" in error["message"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_open_streams_are_limited() -> None:
    body: dict[str, Any] = {"query": CHANGED, "variables": filter_by("fastly")}
    async with running_service(subscriptions=SubscriptionSettings(most=1)) as service, events(service, body):
        async with asyncio.timeout(10):
            while not service.app.state.runner.streams.slots.taken:  # noqa: ASYNC110 (nothing to wait on)
                await asyncio.sleep(0.01)
        async with events(service, body) as stream:
            (_, result), _ = [event async for event in stream]

    assert [error["extensions"]["code"] for error in result["errors"]] == ["UNAVAILABLE"]


@pytest.mark.parametrize("accept", ["text/event-stream;q=0", "text/event-stream;q=0, application/json"])
async def test_stream_with_weight_zero_is_json(service: Service, accept: str) -> None:
    response = await service.post({"query": QUERY}, Accept=accept)

    assert response.headers["content-type"] == "application/json"
