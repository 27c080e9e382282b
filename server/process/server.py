"""How connections come, a crowd at once, and how the service ends: not ready, not listening, not there."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from types import FrameType

import uvicorn
from starlette.applications import Starlette

LINGER = 1.0  # seconds in which balancers may learn that the service is not ready, while it still takes connections
_YOUNG = 0.25  # seconds in which a connection that has just been made may bring its request
_LAST_WORDS = 1  # seconds for the answers to requests that were cut
_TICK = 0.05
_AT_ONCE = 16  # connections that are taken in one turn of the loop; uvloop alone takes one, and a crowd waits


class Server(uvicorn.Server):
    """uvicorn's server, which lets a crowd in, and loses no request that it accepted when a signal ends it."""

    def __init__(self, config: uvicorn.Config, application: Starlette) -> None:
        config.timeout_graceful_shutdown = _LAST_WORDS
        super().__init__(config)
        self._application = application
        self._doors: list[socket.socket] = []
        self._entering: set[asyncio.Task[object]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._doors = [listener.dup() for listener in sockets or ()]
        for door in self._doors:
            asyncio.get_running_loop().add_reader(door, self._let_in, door)

    def _let_in(self, door: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        for connection in islice(_waiting(door), _AT_ONCE):
            task = loop.create_task(loop.connect_accepted_socket(self._protocol, connection))
            self._entering.add(task)
            task.add_done_callback(self._entering.discard)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._application.state.stopping = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        grace: float = self._application.state.runner.settings.shutdown_grace
        start = _now()
        await self._until(start + min(LINGER, grace / 2))
        self._application.state.runner.streams.stop()  # their clients find another instance
        await self._stop_listening(sockets or [])
        await self._until(min(_now() + _YOUNG, start + grace))
        for connection in list(self.server_state.connections):
            connection.shutdown()  # closes it where it is idle
        await self._until(start + grace, lambda: not self.server_state.connections)
        for task in self.server_state.tasks:
            task.cancel()
        await super().shutdown(sockets)

    async def _until(self, end: float, done: Callable[[], bool] = lambda: False) -> None:
        """Waits, unless a second Ctrl+C says that nothing is worth waiting for."""
        while not (done() or self.force_exit) and _now() < end:  # noqa: ASYNC110 (uvicorn has no event for either)
            await asyncio.sleep(_TICK)

    async def _stop_listening(self, sockets: list[socket.socket]) -> None:
        """The kernel has accepted connections of which the loop has not heard yet: they are taken, not reset."""
        for door in self._doors:
            asyncio.get_running_loop().remove_reader(door)
            door.close()
        last = [connection for listener in sockets for connection in _waiting(listener)]
        for server in self.servers:
            server.close()
        for listener in sockets:
            listener.close()
        for connection in last:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        make = self.config.http_protocol_class
        return make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)  # type: ignore[call-arg]


def _waiting(listener: socket.socket) -> Iterator[socket.socket]:
    """The connections that nobody has taken from a listener yet."""
    listener.setblocking(False)
    with suppress(OSError):
        while True:
            yield listener.accept()[0]


def _now() -> float:
    return asyncio.get_running_loop().time()
