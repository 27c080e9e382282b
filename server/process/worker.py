"""One process that answers: alone, or as a worker that hears from the process that started it."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from multiprocessing.connection import Connection

import structlog
import uvicorn

from providers.sandbox import Sandbox
from providers.sandbox import serve as serve_sandbox
from server.accounts import configured_accounts
from server.config.settings import Settings
from server.config.watcher import ApplySettings, WatchSettings, apply_settings
from server.http.app import create_app
from server.http.protocol import GuardedHttpProtocol as HttpConnection
from server.operations.request import MAX_BODY

from .server import GracefulServer

_log = structlog.get_logger()


def serve(listener: socket.socket, settings: Settings, follow: WatchSettings | None) -> None:
    """Serves until a signal ends it, with exit code 0."""
    application = create_app(
        configured_accounts(settings), settings.server, follow, settings.cache, settings.subscriptions
    )
    for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn ends gracefully, then hands the signal on
        signal.signal(number, lambda *_: sys.exit(0))
    options = uvicorn.Config(
        application, http=HttpConnection, log_config=None, access_log=False, server_header=False, ws_max_size=MAX_BODY
    )
    GracefulServer(options, application).run(sockets=[listener])


def run_worker(supervisor: Connection, listener: socket.socket, settings: Settings) -> None:
    """The same as a worker, whose settings and end come from its supervisor."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    serve(listener, settings, partial(supervised, supervisor))


def run_sandbox(supervisor: Connection, listener: socket.socket, sandbox: Sandbox) -> None:
    """The sandbox, for workers of which the last should still find it; so only its supervisor ends it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    asyncio.run(_simulate(supervisor, listener, sandbox))


async def _simulate(supervisor: Connection, listener: socket.socket, sandbox: Sandbox) -> None:
    ended = asyncio.Event()
    async with serve_sandbox(sandbox, listener=listener):
        asyncio.get_running_loop().add_reader(supervisor.fileno(), ended.set)
        supervisor.send(True)
        await ended.wait()


def relax_gc() -> None:
    """Most of the time under load went into looking for cycles among all that waits and all that is remembered."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@asynccontextmanager
async def supervised(supervisor: Connection, use: ApplySettings) -> AsyncIterator[None]:
    """Tells the supervisor that the worker is ready, and gives `use` what it sends; without it the worker ends."""
    loop = asyncio.get_running_loop()

    def hear() -> None:
        try:
            settings: Settings = supervisor.recv()
        except (EOFError, OSError):
            loop.remove_reader(supervisor.fileno())
            signal.raise_signal(signal.SIGTERM)
        else:
            apply_settings(settings, use)

    loop.add_reader(supervisor.fileno(), hear)
    try:
        supervisor.send(True)
        _log.info("a worker is ready")
    except OSError:
        pass  # the supervisor is gone, as hear() is about to find
    try:
        yield
    finally:
        loop.remove_reader(supervisor.fileno())
