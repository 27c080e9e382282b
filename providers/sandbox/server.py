"""An HTTP server on a loopback port for the running event loop, without signals, logs or polling."""

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

_GRACE_SECONDS = 0.2  # for responses in progress when the server stops


class _Protocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol. It gives the app its connection, so that the app can break it."""

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
    """Serve an app and yield the server's base URL. Port 0 means any free port.

    Raises OSError, with its errno, if the port is in use.
    """
    listener = listener or socket.create_server((host, port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each response body waits 40 ms for an ACK
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
    """Close idle connections at once. Give responses in progress a moment, then abort all connections."""
    for connection in list(state.connections):
        connection.shutdown()
    if state.tasks:
        await asyncio.wait(state.tasks, timeout=_GRACE_SECONDS)
    for connection in list(state.connections):
        connection.transport.abort()
    if state.tasks:
        await asyncio.wait(state.tasks, timeout=_GRACE_SECONDS)
    for task in state.tasks:
        task.cancel()
    await asyncio.sleep(0)  # lets the event loop call connection_lost of the closed transports
