"""An operation that is not done at its deadline, told over every transport: null, coded, and whom it had asked."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from providers import PROVIDERS
from providers.fastly.client import FastlySettings
from providers.sandbox import serve
from resolvers.accounts import AccountRegistry
from server.accounts import build_graph
from server.config.settings import ServerSettings
from server.http.endpoint import Endpoint
from server.http.websocket import PROTOCOL, WebSocketEndpoint
from server.operations.runner import OperationRunner

LIST = "{ invoices { nodes { id } } }"
DEFERRED = "{ __typename ... @defer { invoices { nodes { id } } } }"
ERROR = {"message": "The answer was not ready within the deadline.", "extensions": {"code": "TIMED_OUT"}}
COVERAGE = {"coverage": [{"account": "fastly/cdn", "status": "MISSING", "code": "TIMED_OUT", "asOf": None}]}
LATE = {"data": None, "errors": [ERROR], "extensions": COVERAGE}


class Endless:
    """A source that does not end its calls in time, as every other does."""

    settings = FastlySettings(id="cdn", provider="fastly", api_key=SecretStr("secret"))
    list_is_local = list_is_static = False

    async def page(self, *_: object) -> NoReturn:
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture
async def url() -> AsyncIterator[str]:
    roster = AccountRegistry(PROVIDERS.values(), [Endless()])  # type: ignore[list-item]
    runner = OperationRunner(build_graph(), lambda: roster, ServerSettings(deadline=0.2))
    endpoint, sockets = Endpoint(runner), WebSocketEndpoint(runner)

    async def answer(request: Request) -> Response:
        return await endpoint(request)

    async def converse(websocket: WebSocket) -> None:
        await sockets(websocket)

    routes = [Route("/graphql", answer, methods=["POST"]), WebSocketRoute("/graphql", converse)]
    async with serve(Starlette(routes=routes), websockets=True) as found:
        yield f"{found}/graphql"


async def post(url: str, body: object, accept: str = "application/json") -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(url, json=body, headers={"Accept": accept})


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    async with connect(url.replace("http", "ws"), subprotocols=[PROTOCOL], proxy=None) as socket:  # type: ignore[list-item]
        await socket.send('{"type": "connection_init"}')
        await socket.recv()
        yield socket


async def test_a_late_operation_names_the_accounts_that_it_had_asked(url: str) -> None:
    response = await post(url, {"query": LIST})

    assert (response.status_code, response.json()) == (200, LATE)


async def test_a_late_operation_of_a_batch_takes_no_other_with_it(url: str) -> None:
    response = await post(url, [{"query": LIST}, {"query": "{ __typename }"}])

    assert response.json() == [LATE, {"data": {"__typename": "Query"}}]


@pytest.mark.parametrize("query", [LIST, f"{LIST} # @"], ids=["in one", "in parts"])
async def test_a_late_operation_of_a_connection_is_its_answer(url: str, query: str) -> None:
    async with connected(url) as socket:
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": query}}))
        heard = [json.loads(await socket.recv()) for _ in range(2)]

    assert heard == [{"id": "1", "type": "next", "payload": LATE}, {"id": "1", "type": "complete"}]


async def test_a_late_operation_of_a_stream_is_an_event_of_it(url: str) -> None:
    response = await post(url, {"query": LIST}, "text/event-stream")

    event, data, *_ = response.text.split("\n")
    assert (event, json.loads(data.removeprefix("data: "))) == ("event: next", LATE)


async def test_a_late_part_is_coded_and_the_last_part_names_the_accounts(url: str) -> None:
    response = await post(url, {"query": DEFERRED}, "multipart/mixed")

    first, last = (json.loads(part.split("\r\n\r\n")[1]) for part in response.text.split("\r\n---")[1:-1])
    assert first["data"] == {"__typename": "Query"}
    assert last["completed"] == [{"id": "0", "errors": [ERROR]}]
    assert (last["hasNext"], last["extensions"]) == (False, COVERAGE)
