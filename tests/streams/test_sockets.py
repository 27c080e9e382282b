"""The protocol graphql-transport-ws, with well-behaved and with hostile clients."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError

from providers import PROVIDERS
from providers.sandbox import Fault
from server.http.websocket_session import MAX_OPERATIONS, WebSocketSession
from server.operations.operation import OperationRequest
from tests.garbage import live_ids, no_garbage_collection
from tests.harness import Service

from .clients import CHANGED, Socket, events, filter_by, open_socket, polling_service, wait_for_polls

QUERY = "{ providers { id } }"
NOT_A_MESSAGE = "Invalid message: send a JSON object with a type, at most 100 levels deep."
NOT_A_REQUEST = 'Invalid message: the payload of subscribe must be a GraphQL request, such as {"query": ...}.'
NO_ID = "Invalid message: subscribe needs an id."
RESPONSE = {"data": {"providers": [{"id": name} for name in PROVIDERS]}, "extensions": {"sandbox": True}}


async def test_query_runs_over_a_websocket(service: Service) -> None:
    async with open_socket(service) as client:
        await client.send("subscribe", "1", {"query": QUERY})

        assert await client.receive() == {"id": "1", "type": "next", "payload": RESPONSE}
        assert await client.receive() == {"id": "1", "type": "complete"}


async def test_ping_is_answered_before_connection_init(service: Service) -> None:
    async with open_socket(service, init=False) as client:
        await client.send("ping")
        assert await client.receive() == {"type": "pong"}


@pytest.mark.parametrize(
    ("payload", "code", "message"),
    [
        ({"query": "{ pay }"}, "GRAPHQL_VALIDATION_FAILED", 'Cannot query field "pay" on type "Query".'),
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
        ({"query": ""}, "BAD_USER_INPUT", "The request has no query."),
        ({"query": "{ a }", "operationName": "B"}, "BAD_USER_INPUT", 'The document has no operation by the name "B".'),
        ({"query": "mutation { pay }"}, "BAD_USER_INPUT", "This schema has no mutations. Send a query instead."),
        (
            {"query": "subscription { invoiceChanged { kind } again: invoiceChanged { kind } }"},
            "GRAPHQL_VALIDATION_FAILED",
            "Anonymous Subscription must select only one top level field.",
        ),
    ],
)
async def test_invalid_operation_gets_its_own_error(service: Service, payload: Any, code: str, message: str) -> None:
    async with open_socket(service) as client:
        await client.send("subscribe", "1", payload)
        response = await client.receive()
        await client.send("subscribe", "1", {"query": QUERY})

        assert (response["id"], response["type"]) == ("1", "error")
        assert [(error["message"], error["extensions"]["code"]) for error in response["payload"]] == [(message, code)]
        assert (await client.receive())["payload"] == RESPONSE


async def test_error_names_the_failing_account(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="status", status=401))
    async with open_socket(service) as client:
        await client.send("subscribe", "1", {"query": '{ invoice(id: "fastly/sandbox-fastly/invoice/1") { id } }'})
        message = await client.receive()

    (error,) = message["payload"]["errors"]
    assert (message["type"], error["extensions"]["code"]) == ("next", "UNAUTHORIZED")
    assert error["extensions"]["account"] == "fastly/sandbox-fastly"


@pytest.mark.parametrize(
    ("messages", "code", "reason"),
    [
        (
            ['{"type": "subscribe", "id": "1", "payload": {"query": "{ providers { id } }"}}'],
            4401,
            "Unauthorized: send connection_init before subscribe.",
        ),
        (['{"type": "connection_init"}'] * 2, 4429, "Too many initialisation requests: send connection_init once."),
        (["no JSON"], 4400, NOT_A_MESSAGE),
        (["[" * 200 + "]" * 200], 4400, NOT_A_MESSAGE),
        (['{"type": "connection_init", "payload": ' + "[" * 40_000 + "]" * 40_000 + "}"], 4400, NOT_A_MESSAGE),
        ([b"bytes"], 4400, "Messages must be JSON in text frames."),
        (['{"type": "start"}'], 4400, "Invalid message: graphql-transport-ws has no such type of message."),
        (['{"type": 3}'], 4400, NOT_A_MESSAGE),
        (['{"type": "connection_init"}', '{"type": "subscribe", "id": "1"}'], 4400, NOT_A_REQUEST),
        (['{"type": "connection_init"}', '{"type": "subscribe", "payload": {"query": ""}}'], 4400, NO_ID),
        (
            ['{"type": "connection_init"}', '{"type": "subscribe", "id": "1", "payload": {"query": 3}}'],
            4400,
            NOT_A_REQUEST,
        ),
    ],
)
async def test_protocol_violation_closes_the_connection(
    service: Service, messages: list[str | bytes], code: int, reason: str
) -> None:
    async with open_socket(service, init=False) as client:
        for message in messages:
            await client.connection.send(message)
        with suppress(ConnectionClosedError):
            async for _ in client.connection:
                pass
        assert await client.wait_closed() == (code, reason)


async def test_long_message_closes_the_connection(service: Service) -> None:
    async with open_socket(service) as client:
        await client.send("subscribe", "1", {"query": QUERY + " " * 100_000})
        assert (await client.wait_closed())[0] == 1009


async def test_duplicate_id_closes_the_connection() -> None:
    async with polling_service() as service, open_socket(service) as client:
        for _ in range(2):
            await client.send("subscribe", "1", {"query": CHANGED})
        assert await client.wait_closed() == (4409, "Subscriber already exists: complete it first, or use another id.")


async def test_other_subprotocols_are_rejected(service: Service) -> None:
    async with open_socket(service, init=False, protocol="graphql-ws") as client:
        assert await client.wait_closed() == (4406, "Subprotocol not acceptable: use graphql-transport-ws.")


async def test_operations_per_connection_are_limited() -> None:
    async with polling_service() as service, open_socket(service) as client:
        for number in range(MAX_OPERATIONS + 1):
            await client.send("subscribe", str(number), {"query": CHANGED, "variables": filter_by()})
        message = await client.receive()

    assert (message["id"], message["type"]) == (str(MAX_OPERATIONS), "error")
    assert message["payload"][0]["extensions"]["code"] == "UNAVAILABLE"


@pytest.mark.parametrize("method", ["complete", "close"])
async def test_unsubscribing_frees_everything(method: str) -> None:
    async with polling_service() as service, open_socket(service) as client:
        runner = service.app.state.runner
        for number in range(20):
            await client.send("subscribe", str(number), {"query": CHANGED, "variables": filter_by("fastly")})
        await wait_for_polls(service, "fastly", 2)
        assert (len(runner.change_feed.subscribers), runner.streams.slots.taken, len(runner.change_feed.polls)) == (
            20,
            20,
            1,
        )

        await _unsubscribe(client, method)

        async with asyncio.timeout(10):
            while runner.change_feed.subscribers or runner.streams.slots.taken or runner.change_feed.polls:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def _unsubscribe(client: Socket, method: str) -> None:
    if method == "close":
        await client.connection.close()
    else:
        for number in range(20):
            await client.send("complete", str(number))


async def test_shutdown_ends_streams() -> None:
    async with (
        polling_service() as service,
        open_socket(service) as client,
        events(service, {"query": CHANGED, "variables": filter_by("fastly")}) as stream,
    ):
        await client.send("subscribe", "1", {"query": CHANGED, "variables": filter_by("fastly")})
        await wait_for_polls(service, "fastly", 2)

        service.app.state.runner.streams.stop()

        assert await client.wait_closed() == (1001, "The service is stopping: connect again.")
        assert [event async for event in stream] == []  # no complete event, so the client reconnects


async def test_messages_are_text_frames(service: Service) -> None:
    async with open_socket(service) as client:
        await client.send("subscribe", "1", {"query": QUERY})
        assert isinstance(await client.connection.recv(), str)
        assert json.loads(await client.connection.recv()) == {"id": "1", "type": "complete"}


@pytest.mark.parametrize("query", ["{ invoices { totalCount } }", CHANGED])
async def test_a_connection_that_vanishes_leaves_no_reference_cycles(service: Service, query: str) -> None:
    service.control("fastly").faults.append(Fault(kind="delay", seconds=5))
    with no_garbage_collection():
        before = live_ids(OperationRequest, WebSocketSession)
        async with open_socket(service) as client:
            for number in range(3):
                await client.send("subscribe", str(number), {"query": query})
            async with asyncio.timeout(5):
                while len(live_ids(OperationRequest) - before) < 3:  # noqa: ASYNC110 (until they are executed)
                    await asyncio.sleep(0.01)
            client.connection.transport.abort()
        async with asyncio.timeout(5):
            while live_ids(OperationRequest, WebSocketSession) - before:  # noqa: ASYNC110 (a cycle would stay)
                await asyncio.sleep(0.01)
