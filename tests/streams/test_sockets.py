"""The protocol graphql-transport-ws as its clients speak it, and as the hostile do."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from providers.sandbox import Fault
from server.http import websocket
from tests.harness import Service

from .clients import CHANGED, Socket, events, looked_at, only, socket, watching

QUERY = "{ providers { id } }"
PROVIDERS = {"data": {"providers": [{"id": "archera"}, {"id": "fastly"}, {"id": "spectrocloud"}]}}


async def test_a_query_is_answered_over_the_connection(service: Service) -> None:
    async with socket(service) as client:
        await client.send("subscribe", "1", {"query": QUERY})

        assert await client.hear() == {"id": "1", "type": "next", "payload": PROVIDERS}
        assert await client.hear() == {"id": "1", "type": "complete"}


async def test_a_ping_is_answered_also_before_the_connection_is_acknowledged(service: Service) -> None:
    async with socket(service, begun=False) as client:
        await client.send("ping")
        assert await client.hear() == {"type": "pong"}


@pytest.mark.parametrize(
    ("payload", "code", "message"),
    [
        ({"query": "{ pay }"}, "GRAPHQL_VALIDATION_FAILED", 'Cannot query field "pay" on type "Query".'),
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
        ({"query": ""}, "BAD_USER_INPUT", "The request has no query."),
        ({"query": "{ a }", "operationName": "B"}, "BAD_USER_INPUT", 'The document has no operation by the name "B".'),
        ({"query": "mutation { pay }"}, "BAD_USER_INPUT", "This graph has no mutations: it can only be read."),
        (
            {"query": "subscription { invoiceChanged { kind } again: invoiceChanged { kind } }"},
            "GRAPHQL_VALIDATION_FAILED",
            "Anonymous Subscription must select only one top level field.",
        ),
    ],
)
async def test_what_cannot_be_run_is_an_error_of_its_operation(
    service: Service, payload: Any, code: str, message: str
) -> None:
    async with socket(service) as client:
        await client.send("subscribe", "1", payload)
        heard = await client.hear()
        await client.send("subscribe", "1", {"query": QUERY})

        assert (heard["id"], heard["type"]) == ("1", "error")
        assert [(error["message"], error["extensions"]["code"]) for error in heard["payload"]] == [(message, code)]
        assert (await client.hear())["payload"] == PROVIDERS


async def test_a_failing_provider_is_named_in_the_answer(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="status", status=401))
    async with socket(service) as client:
        await client.send("subscribe", "1", {"query": '{ invoice(id: "fastly/sandbox-fastly/invoice/1") { id } }'})
        heard = await client.hear()

    (error,) = heard["payload"]["errors"]
    assert (heard["type"], error["extensions"]["code"]) == ("next", "UNAUTHORIZED")
    assert error["extensions"]["account"] == "fastly/sandbox-fastly"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example", "http://[", ""]
)
async def test_a_page_of_another_host_is_refused_with_403(service: Service, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with socket(service, Origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_a_page_of_this_host_is_welcome(service: Service) -> None:
    async with socket(service, Origin=service.url) as client:
        await client.send("subscribe", "1", {"query": QUERY})
        assert (await client.hear())["payload"] == PROVIDERS


@pytest.mark.parametrize(
    ("messages", "code", "reason"),
    [
        (['{"type": "subscribe", "id": "1", "payload": {"query": "{ providers { id } }"}}'], 4401, "Unauthorized"),
        (['{"type": "connection_init"}'] * 2, 4429, "Too many initialisation requests"),
        (["no JSON"], 4400, "Invalid message"),
        (["[" * 200 + "]" * 200], 4400, "Invalid message"),
        (['{"type": "connection_init", "payload": ' + "[" * 40_000 + "]" * 40_000 + "}"], 4400, "Invalid message"),
        ([b"bytes"], 4400, "Messages are JSON texts"),
        (['{"type": "start"}'], 4400, "Invalid message"),
        (['{"type": 3}'], 4400, "Invalid message"),
        (['{"type": "connection_init"}', '{"type": "subscribe", "id": "1"}'], 4400, "Invalid message"),
        (['{"type": "connection_init"}', '{"type": "subscribe", "payload": {"query": ""}}'], 4400, "Invalid message"),
        (
            ['{"type": "connection_init"}', '{"type": "subscribe", "id": "1", "payload": {"query": 3}}'],
            4400,
            "Invalid message",
        ),
    ],
)
async def test_a_client_that_breaks_the_protocol_is_disconnected(
    service: Service, messages: list[str | bytes], code: int, reason: str
) -> None:
    async with socket(service, begun=False) as client:
        for message in messages:
            await client.connection.send(message)
        with suppress(ConnectionClosedError):
            async for _ in client.connection:
                pass
        assert await client.closed() == (code, reason)


async def test_a_message_that_is_too_long_closes_the_connection(service: Service) -> None:
    async with socket(service) as client:
        await client.send("subscribe", "1", {"query": QUERY + " " * 100_000})
        assert (await client.closed())[0] == 1009


async def test_an_id_that_is_in_use_closes_the_connection() -> None:
    async with watching() as service, socket(service) as client:
        for _ in range(2):
            await client.send("subscribe", "1", {"query": CHANGED})
        assert await client.closed() == (4409, "Subscriber already exists")


async def test_another_protocol_is_not_spoken(service: Service) -> None:
    async with socket(service, begun=False, protocol="graphql-ws") as client:
        assert await client.closed() == (4406, "Subprotocol not acceptable")


async def test_a_connection_holds_so_many_operations_and_no_more() -> None:
    async with watching() as service, socket(service) as client:
        for number in range(websocket.MAX_OPERATIONS + 1):
            await client.send("subscribe", str(number), {"query": CHANGED, "variables": only()})
        heard = await client.hear()

    assert (heard["id"], heard["type"]) == (str(websocket.MAX_OPERATIONS), "error")
    assert heard["payload"][0]["extensions"]["code"] == "UNAVAILABLE"


@pytest.mark.parametrize("leave", ["complete", "close"])
async def test_who_leaves_frees_everything(leave: str) -> None:
    async with watching() as service, socket(service) as client:
        runner = service.app.state.runner
        for number in range(20):
            await client.send("subscribe", str(number), {"query": CHANGED, "variables": only("fastly")})
        await looked_at(service, "fastly", 2)
        assert (len(runner.change_feed.subscribers), runner.streams.open, len(runner.change_feed.polls)) == (20, 20, 1)

        await _leave(client, leave)

        async with asyncio.timeout(10):
            while runner.change_feed.subscribers or runner.streams.open or runner.change_feed.polls:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def _leave(client: Socket, how: str) -> None:
    if how == "close":
        await client.connection.close()
    else:
        for number in range(20):
            await client.send("complete", str(number))


async def test_streams_end_when_the_service_stops() -> None:
    async with (
        watching() as service,
        socket(service) as client,
        events(service, {"query": CHANGED, "variables": only("fastly")}) as heard,
    ):
        await client.send("subscribe", "1", {"query": CHANGED, "variables": only("fastly")})
        await looked_at(service, "fastly", 2)

        service.app.state.runner.streams.stop()

        assert await client.closed() == (1001, "Going away")
        assert [event async for event in heard] == []  # and no word that it is complete: the client asks again


async def test_what_is_said_is_text(service: Service) -> None:
    async with socket(service) as client:
        await client.send("subscribe", "1", {"query": QUERY})
        assert isinstance(await client.connection.recv(), str)
        assert json.loads(await client.connection.recv()) == {"id": "1", "type": "complete"}
