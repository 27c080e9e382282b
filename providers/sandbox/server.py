"""Serves an ASGI app on a loopback port of the running loop, without signals, logs or polling."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from functools import partial
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from .faults import TRANSPORT

_GRACE = 0.2  # seconds for answers under way when the server stops


class _Protocol(HttpToolsProtocol):
    """uvicorn's HTTP, with the connection handed to the app so that it can break it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.server_state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
        self.scope["extensions"] = {TRANSPORT: {"transport": self.transport}}


@asynccontextmanager
async def serve(
    app: ASGIApp,
    port: int = 0,
    host: str = "127.0.0.1",
    *,
    listener: socket.socket | None = None,
    websockets: bool = False,
) -> AsyncIterator[str]:
    """Yields the server's base URL. Port 0 is any free port; a busy one raises OSError with its errno."""
    listener = listener or socket.create_server((host, port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each answer's body waits 40 ms for an ACK
    config = uvicorn.Config(
        cast("Any", app),
        log_config=None,
        access_log=False,
        ws="websockets-sansio" if websockets else "none",
        proxy_headers=False,
        timeout_keep_alive=75,
    )
    state = ServerState()
    protocol = partial(_Protocol, config=config, server_state=state, app_state={})
    server = await asyncio.get_running_loop().create_server(protocol, sock=listener)
    try:
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        server.close()
        await _stop(state)


async def _stop(state: ServerState) -> None:
    """Idle connections close at once, answers under way have a moment, then all are cut."""
    for connection in list(state.connections):
        connection.shutdown()
    if state.tasks:
        await asyncio.wait(state.tasks, timeout=_GRACE)
    for connection in list(state.connections):
        connection.transport.abort()
    if state.tasks:
        await asyncio.wait(state.tasks, timeout=_GRACE)
    for task in state.tasks:
        task.cancel()
    await asyncio.sleep(0)  # lets the closed transports say goodbye to the loop
