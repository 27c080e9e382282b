"""Server-sent events: who gets them, and who gets the one JSON answer."""

import asyncio
from typing import Any

import pytest

from server.config.settings import SubscriptionSettings
from tests.harness import Service, running

from .clients import CHANGED, events, looked_at, only, watching

QUERY = "{ providers { id } }"
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)


async def test_a_query_of_a_client_that_names_all_it_knows_is_json(service: Service) -> None:
    response = await service.post({"query": QUERY}, Accept=URQL)

    assert response.headers["content-type"] == "application/graphql-response+json"
    assert len(response.json()["data"]["providers"]) == 3


async def test_a_query_of_a_client_that_takes_nothing_else_is_one_event(service: Service) -> None:
    async with events(service, {"query": QUERY}) as heard:
        (name, answer), last = [event async for event in heard]

    assert (name, len(answer["data"]["providers"]), answer["hasNext"]) == ("next", 3, False)
    assert last == ("complete", None)


async def test_a_subscription_is_a_stream_for_whoever_takes_one() -> None:
    async with (
        watching() as service,
        events(service, {"query": CHANGED, "variables": only("fastly")}, Accept=URQL) as heard,
    ):
        news = asyncio.ensure_future(anext(heard))
        await looked_at(service, "fastly")
        service.api("fastly").post_invoice()

        name, answer = await news
    assert (name, answer["data"]["invoiceChanged"]["kind"]) == ("next", "NEW")


async def test_a_subscription_may_be_asked_by_get(service: Service) -> None:
    parameters = {"query": "subscription { pay }"}
    headers = {"Accept": "text/event-stream"}
    response = await service.client.get("/graphql", params=parameters, headers=headers)

    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.text.startswith('event: next\ndata: {"errors":[{"message":"Cannot query field')
    assert response.text.endswith("event: complete\ndata:\n\n")


async def test_a_subscription_by_plain_post_is_told_where_it_can_run(service: Service) -> None:
    response = await service.post({"query": CHANGED})

    (error,) = response.json()["errors"]
    assert response.status_code == 400
    assert "text/event-stream" in error["message"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_no_more_streams_are_open_than_may_be() -> None:
    body: dict[str, Any] = {"query": CHANGED, "variables": only("fastly")}
    async with running(subscriptions=SubscriptionSettings(most=1)) as service, events(service, body):
        async with asyncio.timeout(10):
            while not service.app.state.runner.streams.open:  # noqa: ASYNC110 (nothing to wait on)
                await asyncio.sleep(0.01)
        async with events(service, body) as heard:
            (_, answer), _ = [event async for event in heard]

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAVAILABLE"]


@pytest.mark.parametrize("accept", ["text/event-stream;q=0", "text/event-stream;q=0, application/json"])
async def test_who_refuses_a_stream_gets_none(service: Service, accept: str) -> None:
    response = await service.post({"query": QUERY}, Accept=accept)

    assert response.headers["content-type"] == "application/json"
