"""The metrics for Prometheus, on a listener of their own."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.server import ServerState

from server.accounts import AccountConnections
from server.operations.runner import OperationRunner
from server.telemetry.gauges import Gauges
from server.telemetry.telemetry import ProcessMetrics

from .bounds import ConnectionBounds
from .hosts import HostGuard, HostMiddleware
from .protocol import GuardedHttpProtocol

MAX_CONNECTIONS = 32  # of each worker, for scrapes


@asynccontextmanager
async def serve_metrics(
    metrics: ProcessMetrics | None, hosts: HostGuard, runner: OperationRunner, connections: AccountConnections
) -> AsyncIterator[None]:
    """Serve the metrics of all workers at /metrics while entered, if there are any.

    `hosts` are those that requests may name.
    """
    if metrics is None:
        yield
        return
    gauges = Gauges(metrics.metrics, metrics.operations, runner, connections, metrics.worker)
    scraping = asyncio.Lock()

    async def scrape(_: Request) -> Response:
        async with scraping:  # a scrape costs some milliseconds: many at a time would delay operations
            gauges.refresh()
            text = await asyncio.to_thread(metrics.render)
        return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = Starlette(routes=[Route("/metrics", scrape)], middleware=[Middleware(HostMiddleware)])
    app.state.hosts = hosts
    async with gauges.refreshed(), _serve(app, metrics.port.listener):
        yield


@asynccontextmanager
async def _serve(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an application while entered, with the limits of the port for operations. Then abort its connections."""
    config, state = uvicorn.Config(cast("Any", app), log_config=None, ws="none", server_header=False), ServerState()
    protocol = partial(
        GuardedHttpProtocol,
        config=config,
        server_state=state,
        app_state={},
        bounds=ConnectionBounds(MAX_CONNECTIONS),
    )
    server = await asyncio.get_running_loop().create_server(protocol, sock=listener)
    try:
        yield
    finally:
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
