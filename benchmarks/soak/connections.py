"""Hostile clients that misuse connections: they read slowly or never, send halves, or vanish."""

import asyncio
import contextlib
import json
from itertools import count

from websockets.asyncio.client import connect as connect_websocket
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from .documents import EVERYTHING
from .wire import JSON, Response, Target, request

_numbers = count()
HOLD_SECONDS = 3.0  # that a client keeps a connection
FLOOD = 200  # connections, or operations over one WebSocket
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


def _operation(document: str, **headers: str) -> bytes:
    return request("POST", "/graphql", json.dumps({"query": document}).encode(), **JSON | headers)


async def slow_reader(target: Target) -> list[Response]:
    """Read a long response by a few bytes."""
    async with target.connect() as connection:
        await connection.send(_operation(f"{{ a{next(_numbers)}: {EVERYTHING} }}"))
        for _ in range(15):
            await connection.reader.read(100)
            await asyncio.sleep(HOLD_SECONDS / 15)
    return []


async def never_reading(target: Target) -> list[Response]:
    """Request many long responses over one connection, and read none."""
    async with target.connect() as connection:
        await connection.send(_operation(f"{{ a{next(_numbers)}: {EVERYTHING} }}") * 50)
        await asyncio.sleep(HOLD_SECONDS)
    return []


async def halves(target: Target) -> list[Response]:
    """Send half a head, half a body and half a chunk, and wait."""
    for part in (
        b"POST /graphql HTTP/1.1\r\nHost: 127.",
        _operation("{ __typename }")[:-5],
        b"GET /graphql HTTP/1.1\r\n\x16\x03",
    ):
        async with target.connect() as connection:
            await connection.send(part)
            await asyncio.sleep(HOLD_SECONDS / 3)
    return []


async def trailers(target: Target) -> list[Response]:
    """Send headers after the body that would change the request."""
    head = request(
        "POST", "/graphql", Content_Type="application/json", Transfer_Encoding="chunked", Content_Length=None
    )
    body = '1b\r\n{"query": "{ __typename }"}\r\n0\r\n'
    async with target.connect() as connection:
        await connection.send(head + f"{body}Host: example.com\r\n{'X-Trailer: x' * 50}\r\n\r\n".encode())
        return [await connection.response()]


async def no_http(target: Target) -> list[Response]:
    """Send a TLS greeting, a long head and bytes that are no HTTP."""
    responses = []
    for data in (b"\x16\x03\x01\x02\x00\x01" * 20, b"GET /" + b"x" * 100_000, b"\0" * 5_000 + b"\r\n\r\n"):
        async with target.connect() as connection:
            with contextlib.suppress(ConnectionError):
                await connection.send(data)
                responses.append(await connection.response())
    return responses


async def half_upgrades(target: Target) -> list[Response]:
    """Offer WebSockets with a body, by POST, or of another protocol."""
    responses = []
    for data in (
        request("POST", "/graphql", b"{}", **UPGRADE),
        request("GET", "/graphql", b"x" * 100, **UPGRADE),
        request("GET", "/graphql", **UPGRADE | {"Upgrade": "h2c"}),
    ):
        async with target.connect() as connection:
            await connection.send(data)
            responses.append(await connection.response())
    return responses


async def connection_flood(target: Target) -> list[Response]:
    """Open many connections, and close them a moment later."""
    async with contextlib.AsyncExitStack() as stack:
        opened = (stack.enter_async_context(target.connect()) for _ in range(FLOOD))
        await asyncio.gather(*opened)
        await asyncio.sleep(HOLD_SECONDS / 3)
    return []


async def cancelled_requests(target: Target) -> list[Response]:
    """Leave before the response: of a provider that hangs, and of an operation that takes long."""
    for document in (
        '{ a#: invoices(filterBy: {accounts: ["fastly/hostile-hang"]}) { totalCount } }',
        f"{{ a#: {EVERYTHING} }}",
    ):
        async with target.connect() as connection:
            await connection.send(_operation(document.replace("#", str(next(_numbers)))))
            await asyncio.sleep(0.1)
    return []


async def vanishing_subscriptions(target: Target) -> list[Response]:
    """Subscribe by server-sent events, and leave after the head of the response."""
    for _ in range(10):
        async with target.connect() as connection:
            await connection.send(_operation("subscription { invoiceChanged { kind } }", Accept="text/event-stream"))
            async with asyncio.timeout(10):
                await connection.reader.readline()
    return []


async def websocket_flood(target: Target) -> list[Response]:
    """Start many operations over one WebSocket, and leave without reading."""
    url = f"ws://{target.host}:{target.port}/graphql"
    with contextlib.suppress(WebSocketException, OSError, TimeoutError):
        async with connect_websocket(url, subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None) as websocket:
            await websocket.send('{"type": "connection_init"}')
            for number in range(FLOOD):
                query = (
                    "subscription { invoiceChanged { kind } }"
                    if number % 2
                    else f"{{ a{number}: invoices {{ totalCount }} }}"
                )
                await websocket.send(json.dumps({"type": "subscribe", "id": str(number), "payload": {"query": query}}))
            await asyncio.sleep(HOLD_SECONDS / 3)
            websocket.transport.abort()
    return []


ATTACKS = (
    slow_reader,
    never_reading,
    halves,
    trailers,
    no_http,
    half_upgrades,
    connection_flood,
    cancelled_requests,
    vanishing_subscriptions,
    websocket_flood,
)
