"""An operation that misses its deadline: null data, an error code and the coverage, over every transport."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
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
from server.http.websocket import WebSocketEndpoint
from server.http.websocket_messages import PROTOCOL
from server.operations.runner import OperationRunner
from tests.uncached import uncached

LIST = "{ invoices { nodes { id } } }"
DEFERRED = "{ __typename ... @defer { invoices { nodes { id } } } }"
ERROR = {
    "message": "The response was not complete at the deadline. Retry, or request less at once.",
    "extensions": {"code": "TIMED_OUT"},
}
COVERAGE = {"coverage": [{"account": "fastly/cdn", "status": "MISSING", "code": "TIMED_OUT", "asOf": None}]}
TIMED_OUT = {"data": None, "errors": [ERROR], "extensions": COVERAGE}


class HangingSource:
    """A source with a local list that is never read to its end. Only the operation's deadline ends the wait."""

    settings = FastlySettings(id="cdn", provider="fastly", api_key=SecretStr("secret"))
    volatile_keys = frozenset[str]()
    list_is_local = list_is_static = True

    async def page(self, *_: object) -> NoReturn:
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture
async def url() -> AsyncIterator[str]:
    accounts = AccountRegistry(PROVIDERS.values(), [uncached(HangingSource())])
    runner = OperationRunner(build_graph(), lambda: accounts, ServerSettings(deadline=0.2))
    endpoint, sockets = Endpoint(runner), WebSocketEndpoint(runner)

    async def graphql_socket(websocket: WebSocket) -> None:
        await sockets(websocket)

    routes = [Route("/graphql", endpoint, methods=["POST"]), WebSocketRoute("/graphql", graphql_socket)]
    async with serve(Starlette(routes=routes), websockets=True) as base_url:
        yield f"{base_url}/graphql"


async def post(url: str, body: object, accept: str = "application/json") -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(url, json=body, headers={"Accept": accept})


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    async with connect(url.replace("http", "ws"), subprotocols=[PROTOCOL], proxy=None) as socket:  # type: ignore[list-item]
        await socket.send('{"type": "connection_init"}')
        await socket.recv()
        yield socket


async def test_a_timed_out_operation_has_its_coverage(url: str) -> None:
    response = await post(url, {"query": LIST})

    assert (response.status_code, response.json()) == (200, TIMED_OUT)


async def test_a_timeout_in_a_batch_affects_one_operation(url: str) -> None:
    response = await post(url, [{"query": LIST}, {"query": "{ __typename }"}])

    assert response.json() == [TIMED_OUT, {"data": {"__typename": "Query"}}]


@pytest.mark.parametrize("query", [LIST, f"{LIST} # @"], ids=["one part", "incremental"])
async def test_a_timeout_over_websocket_is_a_next_message(url: str, query: str) -> None:
    async with connected(url) as socket:
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": query}}))
        messages = [json.loads(await socket.recv()) for _ in range(2)]

    assert messages == [{"id": "1", "type": "next", "payload": TIMED_OUT}, {"id": "1", "type": "complete"}]


async def test_a_timeout_over_sse_is_a_next_event(url: str) -> None:
    response = await post(url, {"query": LIST}, "text/event-stream")

    event, data, *_ = response.text.split("\n")
    assert (event, json.loads(data.removeprefix("data: "))) == ("event: next", TIMED_OUT)


async def test_timed_out_deferred_data_fails_in_the_last_part(url: str) -> None:
    response = await post(url, {"query": DEFERRED}, "multipart/mixed")

    first, last = (json.loads(part.split("\r\n\r\n")[1]) for part in response.text.split("\r\n---")[1:-1])
    assert first["data"] == {"__typename": "Query"}
    assert last["completed"] == [{"id": "0", "errors": [ERROR]}]
    assert (last["hasNext"], last["extensions"]) == (False, COVERAGE)
