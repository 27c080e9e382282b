"""Bounds on the connections of a process, and on the bytes that wait for clients that read slowly or never."""

import asyncio
from dataclasses import dataclass, field

MAX_WAITING_BYTES = 256_000_000  # bytes of responses that wait for slow clients, over all connections
WRITE_TIMEOUT = 20.0  # seconds in which a client that reads slowly must read MIN_BYTES_READ
MIN_BYTES_READ = 65_536


@dataclass(eq=False)
class ConnectionBounds:
    """What all connections of a process share: their bounds, and which of them wait for slow clients."""

    max_connections: int = 4_096
    max_waiting_bytes: int = MAX_WAITING_BYTES
    write_timeout: float = WRITE_TIMEOUT
    _waiting: dict["WriteGuard", int] = field(default_factory=dict)  # bytes at the last look; the longest wait first
    _total: int = 0

    def add(self, guard: "WriteGuard", waiting_bytes: int) -> None:
        """Record the bytes that wait. If all are too many, abort the connections that have waited longest."""
        self._total += waiting_bytes - self._waiting.get(guard, 0)
        self._waiting[guard] = waiting_bytes
        while self._total > self.max_waiting_bytes:
            next(iter(self._waiting)).abort()

    def discard(self, guard: "WriteGuard") -> None:
        self._total -= self._waiting.pop(guard, 0)


class WriteGuard:
    """Aborts one connection if its client does not read.

    Closing is not enough: a closed connection waits until the client has read all bytes.
    """

    def __init__(self, bounds: ConnectionBounds, transport: asyncio.Transport) -> None:
        self._bounds, self._transport = bounds, transport
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._was_closing = False

    def start(self) -> None:
        """Watch the client: more bytes wait than the transport's high-water mark."""
        if self._timer is None:
            self._watch(self._transport.get_write_buffer_size())

    def stop(self) -> None:
        """Stop watching: few bytes wait, or the connection is lost."""
        self._bounds.discard(self)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def abort(self) -> None:
        self.stop()
        self._transport.abort()

    def abort_if_still_closing(self) -> None:
        """Abort a connection that was closing at the previous call too. To be called at intervals."""
        if self._was_closing and self._timer is None:
            self.abort()
        self._was_closing = self._transport.is_closing()

    def _watch(self, waiting_bytes: int) -> None:
        self._timer = self._loop.call_later(self._bounds.write_timeout, self._check, waiting_bytes)
        self._bounds.add(self, waiting_bytes)

    def _check(self, previous_bytes: int) -> None:
        waiting_bytes = self._transport.get_write_buffer_size()
        if previous_bytes - waiting_bytes < MIN_BYTES_READ:
            self.abort()
        else:
            self._watch(waiting_bytes)


class GuardedWriting(asyncio.BaseProtocol):
    """A protocol whose guard runs while bytes wait. The guard is None before and after the connection."""

    _guard: WriteGuard | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._guard is not None:
            self._guard.start()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._guard is not None:
            self._guard.stop()
