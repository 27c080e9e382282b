"""Streams of the real process, which ends by a signal while they are open, without waiting for them."""

import asyncio
import json
import signal

import httpx
from websockets.asyncio.client import connect

from tests.server.command import started

from .clients import CHANGED, PROTOCOL, Socket, only


async def test_open_streams_end_with_the_service_and_do_not_hold_it_up() -> None:
    body = {"query": CHANGED, "variables": only("fastly")}
    async with (
        started("serve", "--port", "0", INVOICEGRAPH_SERVER__SHUTDOWN_GRACE="60") as service,
        connect(service.url.replace("http", "ws") + "/graphql", subprotocols=[PROTOCOL], proxy=None) as connection,
        httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=30) as client,
    ):
        socket = Socket(connection)
        await socket.send("connection_init")
        await socket.send("subscribe", "1", body)
        assert json.loads(await connection.recv()) == {"type": "connection_ack"}
        async with client.stream("POST", "/graphql", json=body, headers={"Accept": "text/event-stream"}) as response:
            service.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(20):
                said = await response.aread()
                closed = await socket.closed()
                ended = await service.rest()

    assert (said, closed, ended) == (b"", (1001, "Going away"), (0, "", ""))
