"""Small clients of both transports, close to the wire."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from server.config.settings import SubscriptionSettings
from tests.harness import Service, running

POLL = 0.1
PROTOCOL = Subprotocol("graphql-transport-ws")
CHANGED = "subscription ($of: InvoiceFilter) { invoiceChanged(filterBy: $of) { kind invoice { id paymentStatus } } }"


@asynccontextmanager
async def watching() -> AsyncIterator[Service]:
    """A service that looks often."""
    async with running(subscriptions=SubscriptionSettings(poll=POLL)) as service:
        yield service


def only(*providers: str) -> dict[str, Any]:
    return {"of": {"providers": list(providers)}}


async def looked_at(service: Service, provider: str, times: int = 1) -> None:
    """Waits until an account has been looked at so many more times, and what was found has been told."""
    control = service.control(provider)
    wanted = len(control.requests) + times
    async with asyncio.timeout(10):
        while len(control.requests) < wanted or control.in_flight:  # noqa: ASYNC110 (nothing to wait on)
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


@asynccontextmanager
async def events(service: Service, body: dict[str, Any], **headers: str) -> AsyncIterator[AsyncIterator[Any]]:
    """The events of a response of text/event-stream: each with its name and what it says."""
    accept = {"Accept": "text/event-stream", **headers}
    async with service.client.stream("POST", "/graphql", json=body, headers=accept) as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8", await response.aread()

        async def heard() -> AsyncIterator[Any]:
            name = ""
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data:"):
                    data = line.removeprefix("data:").strip()
                    yield name, json.loads(data) if data else None

        yield heard()


class Socket:
    """A connection in graphql-transport-ws."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, kind: str, name: str | None = None, payload: Any = None) -> None:
        message = {"type": kind, "id": name, "payload": payload}
        await self.connection.send(json.dumps({key: value for key, value in message.items() if value is not None}))

    async def hear(self) -> Any:
        async with asyncio.timeout(10):
            return json.loads(await self.connection.recv())

    async def closed(self) -> tuple[int | None, str | None]:
        """With what code and reason the service closed it."""
        async with asyncio.timeout(20):
            await self.connection.wait_closed()
        return self.connection.close_code, self.connection.close_reason


@asynccontextmanager
async def socket(
    service: Service, *, begun: bool = True, protocol: str = PROTOCOL, **headers: str
) -> AsyncIterator[Socket]:
    """`begun`: the service has acknowledged it."""
    url = service.url.replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=[Subprotocol(protocol)], additional_headers=headers, proxy=None) as connection:
        client = Socket(connection)
        if begun:
            await client.send("connection_init")
            assert await client.hear() == {"type": "connection_ack"}
        yield client
