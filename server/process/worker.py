"""The process that serves requests: alone, or as a worker under a supervisor."""

import asyncio
import multiprocessing
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import cast

import structlog
import uvicorn

from providers.sandbox import Sandbox
from providers.sandbox import serve as serve_sandbox
from server.accounts import configured_accounts
from server.config.settings import Settings
from server.config.watcher import ApplySettings, WatchSettings, apply_settings
from server.http.app import create_app
from server.http.bounds import ConnectionBounds
from server.http.protocol import GuardedHttpProtocol
from server.http.websocket_protocol import GuardedWebSocketProtocol
from server.operations.request import MAX_BODY_BYTES
from server.telemetry.telemetry import MetricsPort, ProcessMetrics, Telemetry
from server.telemetry.trace_export import open_tracing

from .log_stream import is_writable
from .open_files import max_connections
from .server import GracefulServer

HEARTBEAT_SECONDS = 1.0  # seconds between two heartbeats of a worker
_log = structlog.get_logger()


def serve(
    listener: socket.socket,
    settings: Settings,
    watch_settings: WatchSettings | None,
    metrics: MetricsPort | None = None,
    slot: int = 0,
) -> None:
    """Serve until SIGINT or SIGTERM, then exit with code 0. `slot`: the number of the worker."""
    application = create_app(
        configured_accounts(settings),
        settings,
        watch_settings,
        Telemetry(None if metrics is None else ProcessMetrics(metrics, slot), open_tracing()),
    )
    # uvicorn shuts down gracefully, then raises the signal again for the handlers that were set before.
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: sys.exit(0))
    bounds = ConnectionBounds(max_connections(settings.server.max_connections))
    options = uvicorn.Config(
        application,
        http=cast("type[asyncio.Protocol]", partial(GuardedHttpProtocol, bounds=bounds)),
        ws=cast("type[asyncio.Protocol]", partial(GuardedWebSocketProtocol, bounds=bounds)),
        proxy_headers=False,  # else X-Forwarded-For could replace the address that access control reads
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=MAX_BODY_BYTES,
        ws_per_message_deflate=False,  # a result would be compressed in one step, which can take half a second
    )
    GracefulServer(options, application).run(sockets=[listener])


def run_worker(
    supervisor: Connection, listener: socket.socket, settings: Settings, metrics: MetricsPort | None, slot: int
) -> None:
    """Serve as a worker: settings and the order to stop come from the supervisor."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        serve(listener, settings, partial(supervised, supervisor), metrics, slot)
    finally:
        parent = multiprocessing.parent_process()
        if metrics is not None and parent is not None and not parent.is_alive():
            metrics.close()  # the supervisor was killed, so it cannot remove the files


def run_sandbox(supervisor: Connection, listener: socket.socket, sandbox: Sandbox) -> None:
    """Serve the sandbox until the supervisor closes the pipe.

    Signals are ignored, because the last worker may still call the sandbox after a signal to the process group.
    """
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)
    asyncio.run(_serve_until_closed(supervisor, listener, sandbox))


async def _serve_until_closed(supervisor: Connection, listener: socket.socket, sandbox: Sandbox) -> None:
    stop_requested = asyncio.Event()
    async with serve_sandbox(sandbox, listener=listener):
        asyncio.get_running_loop().add_reader(supervisor.fileno(), stop_requested.set)
        supervisor.send(True)
        await stop_requested.wait()


async def _send_heartbeats(supervisor: Connection) -> None:
    """Tell the supervisor again and again that the event loop runs. The first heartbeat says that it is ready."""
    with suppress(OSError):  # the supervisor is gone: the worker gets EOF and stops itself
        while True:
            if is_writable(supervisor.fileno()):  # else the supervisor is suspended, and sending could block
                supervisor.send(True)
            await asyncio.sleep(HEARTBEAT_SECONDS)


@asynccontextmanager
async def supervised(supervisor: Connection, apply: ApplySettings) -> AsyncIterator[None]:
    """Report to the supervisor that the worker is ready, and apply the settings that it sends.

    If the supervisor is gone, the worker stops itself with SIGTERM.
    """
    loop = asyncio.get_running_loop()

    def receive_settings() -> None:
        try:
            settings: Settings = supervisor.recv()
        except (EOFError, OSError):
            loop.remove_reader(supervisor.fileno())
            signal.raise_signal(signal.SIGTERM)
        else:
            apply_settings(settings, apply)

    loop.add_reader(supervisor.fileno(), receive_settings)
    heartbeats = asyncio.create_task(_send_heartbeats(supervisor))
    _log.info("The worker is ready.")
    try:
        yield
    finally:
        heartbeats.cancel()
        loop.remove_reader(supervisor.fileno())
