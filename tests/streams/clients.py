"""Small clients for both transports, close to the protocols."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from server.config.settings import SubscriptionSettings
from tests.harness import Service, running_service

POLL = 0.1  # seconds between two polls
PROTOCOL = Subprotocol("graphql-transport-ws")
CHANGED = "subscription ($of: InvoiceFilter) { invoiceChanged(filterBy: $of) { kind invoice { id paymentStatus } } }"


@asynccontextmanager
async def polling_service(*public_origins: str) -> AsyncIterator[Service]:
    """A service that polls accounts with subscribers every POLL seconds."""
    subscriptions = SubscriptionSettings(poll=POLL)
    async with running_service(subscriptions=subscriptions, public_origins=public_origins) as service:
        yield service


def filter_by(*providers: str) -> dict[str, Any]:
    """The variables of CHANGED that restrict it to these providers."""
    return {"of": {"providers": list(providers)}}


async def wait_for_polls(service: Service, provider: str, calls: int = 1) -> None:
    """Wait until a provider has had `calls` more requests, and the changes in them have been published."""
    control = service.control(provider)
    total = len(control.requests) + calls
    async with asyncio.timeout(10):
        while len(control.requests) < total or control.in_flight:  # noqa: ASYNC110 (nothing to wait on)
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


@asynccontextmanager
async def events(service: Service, body: dict[str, Any], **headers: str) -> AsyncIterator[AsyncIterator[Any]]:
    """The events of a text/event-stream response: the name and the data of each."""
    accept = {"Accept": "text/event-stream", **headers}
    async with service.client.stream("POST", "/graphql", json=body, headers=accept) as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8", await response.aread()

        async def parse() -> AsyncIterator[Any]:
            name = ""
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data:"):
                    data = line.removeprefix("data:").strip()
                    yield name, json.loads(data) if data else None

        yield parse()


class Socket:
    """A client connection in the protocol graphql-transport-ws."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, message_type: str, operation_id: str | None = None, payload: Any = None) -> None:
        message = {"type": message_type, "id": operation_id, "payload": payload}
        await self.connection.send(json.dumps({key: value for key, value in message.items() if value is not None}))

    async def receive(self) -> Any:
        async with asyncio.timeout(10):
            return json.loads(await self.connection.recv())

    async def wait_closed(self) -> tuple[int | None, str | None]:
        """Wait until the service closes the connection. Returns the code and the reason."""
        async with asyncio.timeout(20):
            await self.connection.wait_closed()
        return self.connection.close_code, self.connection.close_reason


@asynccontextmanager
async def open_socket(
    service: Service, *, init: bool = True, protocol: str = PROTOCOL, **headers: str
) -> AsyncIterator[Socket]:
    """A connection; if `init`, the service has acknowledged it."""
    url = service.url.replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=[Subprotocol(protocol)], additional_headers=headers, proxy=None) as connection:
        client = Socket(connection)
        if init:
            await client.send("connection_init")
            assert await client.receive() == {"type": "connection_ack"}
        yield client
