"""A uvicorn server that accepts connections in batches and shuts down gracefully."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from types import FrameType

import uvicorn

from providers.deadline import loop_time
from server.http.state import Application

from .memory import return_free_memory

# Time for load balancers to notice that the service is not ready, while it still accepts connections.
READINESS_DRAIN_SECONDS = 1.0
FIRST_REQUEST_SECONDS = 0.25  # for a connection that was accepted last to send its request
CANCELLED_RESPONSE_SECONDS = 1  # for the responses to cancelled requests
POLL_SECONDS = 0.05
TICKS_TO_RETURN_MEMORY = 50  # uvicorn's ticks, of a tenth of a second
MAX_ACCEPTS_PER_TURN = 16  # connections per turn of the event loop; uvloop alone accepts one, so a burst would wait


class GracefulServer(uvicorn.Server):
    """uvicorn's server with batched accepts and a shutdown that loses no accepted request.

    After a signal: first `/readyz` fails while connections are still accepted, then the listeners close, then
    running requests have the rest of `shutdown_grace`, then they are cancelled.
    """

    def __init__(self, config: uvicorn.Config, application: Application) -> None:
        config.timeout_graceful_shutdown = CANCELLED_RESPONSE_SECONDS
        super().__init__(config)
        self._application = application
        self._accept_sockets: list[socket.socket] = []
        self._accept_tasks: set[asyncio.Task[object]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._accept_sockets = [listener.dup() for listener in sockets or ()]
        for accept_socket in self._accept_sockets:
            asyncio.get_running_loop().add_reader(accept_socket, self._accept_batch, accept_socket)

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS_TO_RETURN_MEMORY == 0:
            await asyncio.to_thread(return_free_memory)
        return await super().on_tick(counter)

    def _accept_batch(self, accept_socket: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        for connection in islice(_accept_pending(accept_socket), MAX_ACCEPTS_PER_TURN):
            task = loop.create_task(loop.connect_accepted_socket(self._protocol, connection))
            self._accept_tasks.add(task)
            task.add_done_callback(self._accept_tasks.discard)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._application.state.stopping = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        grace = self._application.state.runner.settings.shutdown_grace
        start = loop_time()
        await self._wait_until(start + min(READINESS_DRAIN_SECONDS, grace / 2))
        self._application.state.runner.streams.stop()  # their clients reconnect to another instance
        await self._stop_listening(sockets or [])
        await self._wait_until(min(loop_time() + FIRST_REQUEST_SECONDS, start + grace))
        for connection in list(self.server_state.connections):
            connection.shutdown()  # closes it if it is idle
        await self._wait_until(start + grace, lambda: not self.server_state.connections)
        for task in self.server_state.tasks:
            task.cancel()
        await super().shutdown(sockets)

    async def _wait_until(self, deadline: float, is_done: Callable[[], bool] = lambda: False) -> None:
        """Wait until the deadline, until `is_done`, or until a second Ctrl+C forces the exit."""
        while not (is_done() or self.force_exit) and loop_time() < deadline:  # noqa: ASYNC110 (uvicorn has no event)
            await asyncio.sleep(POLL_SECONDS)

    async def _stop_listening(self, sockets: list[socket.socket]) -> None:
        """Close the listeners, but first accept the connections in the kernel's backlog: closing would reset them."""
        for accept_socket in self._accept_sockets:
            asyncio.get_running_loop().remove_reader(accept_socket)
            accept_socket.close()
        pending = [connection for listener in sockets for connection in _accept_pending(listener)]
        for server in self.servers:
            server.close()
        for listener in sockets:
            listener.close()
        for connection in pending:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        protocol_class = self.config.http_protocol_class
        return protocol_class(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)  # type: ignore[call-arg]


def _accept_pending(listener: socket.socket) -> Iterator[socket.socket]:
    """Accept and yield the connections in a listener's backlog."""
    listener.setblocking(False)
    with suppress(OSError):
        while True:
            yield listener.accept()[0]
