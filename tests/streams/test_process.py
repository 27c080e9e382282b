"""Streams of the real process: a signal ends it while they are open, without waiting for them."""

import asyncio
import json
import signal

import httpx
from websockets.asyncio.client import connect

from tests.server.command import start_command

from .clients import CHANGED, PROTOCOL, Socket, filter_by


async def test_open_streams_do_not_delay_shutdown() -> None:
    operation, accept = {"query": CHANGED, "variables": filter_by("fastly")}, {"Accept": "text/event-stream"}
    async with (
        start_command("serve", "--sandbox", "--port", "0", INVOICEGRAPH_SERVER__SHUTDOWN_GRACE="60") as service,
        connect(service.url.replace("http", "ws") + "/graphql", subprotocols=[PROTOCOL], proxy=None) as connection,
        httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=30) as client,
    ):
        socket = Socket(connection)
        await socket.send("connection_init")
        await socket.send("subscribe", "1", operation)
        assert json.loads(await connection.recv()) == {"type": "connection_ack"}
        async with client.stream("POST", "/graphql", json=operation, headers=accept) as response:
            service.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(20):
                body = await response.aread()
                close = await socket.wait_closed()
                process_result = await service.rest()

    assert (body, close) == (b"", (1001, "The service is stopping: connect again."))
    assert process_result == (0, "", "")
