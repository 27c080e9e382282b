"""How connections come, a crowd at once, and how the service ends: not ready, not listening, not there."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from providers.deadline import loop_time

READINESS_DRAIN_SECONDS = (
    1.0  # seconds in which balancers may learn that the service is not ready, while it still takes connections
)
FIRST_REQUEST_SECONDS = 0.25  # seconds in which a connection that has just been made may bring its request
CANCELLED_RESPONSE_SECONDS = 1  # seconds for the answers to requests that were cut
POLL_SECONDS = 0.05
MAX_ACCEPTS_PER_TURN = (
    16  # connections that are taken in one turn of the loop; uvloop alone takes one, and a crowd waits
)


class GracefulServer(uvicorn.Server):
    """uvicorn's server, which lets a crowd in, and loses no request that it accepted when a signal ends it."""

    def __init__(self, config: uvicorn.Config, application: Starlette) -> None:
        config.timeout_graceful_shutdown = CANCELLED_RESPONSE_SECONDS
        super().__init__(config)
        self._application = application
        self._accept_sockets: list[socket.socket] = []
        self._accepting: set[asyncio.Task[object]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._accept_sockets = [listener.dup() for listener in sockets or ()]
        for door in self._accept_sockets:
            asyncio.get_running_loop().add_reader(door, self._accept_batch, door)

    def _accept_batch(self, door: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        for connection in islice(_accept_pending(door), MAX_ACCEPTS_PER_TURN):
            task = loop.create_task(loop.connect_accepted_socket(self._protocol, connection))
            self._accepting.add(task)
            task.add_done_callback(self._accepting.discard)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._application.state.stopping = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        grace: float = self._application.state.runner.settings.shutdown_grace
        start = loop_time()
        await self._wait_until(start + min(READINESS_DRAIN_SECONDS, grace / 2))
        self._application.state.runner.streams.stop()  # their clients find another instance
        await self._stop_listening(sockets or [])
        await self._wait_until(min(loop_time() + FIRST_REQUEST_SECONDS, start + grace))
        for connection in list(self.server_state.connections):
            connection.shutdown()  # closes it where it is idle
        await self._wait_until(start + grace, lambda: not self.server_state.connections)
        for task in self.server_state.tasks:
            task.cancel()
        await super().shutdown(sockets)

    async def _wait_until(self, end: float, done: Callable[[], bool] = lambda: False) -> None:
        """Waits, unless a second Ctrl+C says that nothing is worth waiting for."""
        while not (done() or self.force_exit) and loop_time() < end:  # noqa: ASYNC110 (uvicorn has no event for either)
            await asyncio.sleep(POLL_SECONDS)

    async def _stop_listening(self, sockets: list[socket.socket]) -> None:
        """The kernel has accepted connections of which the loop has not heard yet: they are taken, not reset."""
        for door in self._accept_sockets:
            asyncio.get_running_loop().remove_reader(door)
            door.close()
        last = [connection for listener in sockets for connection in _accept_pending(listener)]
        for server in self.servers:
            server.close()
        for listener in sockets:
            listener.close()
        for connection in last:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        make = self.config.http_protocol_class
        return make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)  # type: ignore[call-arg]


def _accept_pending(listener: socket.socket) -> Iterator[socket.socket]:
    """The connections that nobody has taken from a listener yet."""
    listener.setblocking(False)
    with suppress(OSError):
        while True:
            yield listener.accept()[0]
