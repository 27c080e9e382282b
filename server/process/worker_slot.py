"""A worker slot of the supervisor: its listener, its current process, and when to start the next one."""

import multiprocessing
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess

import structlog

from server.config.settings import Settings

STABLE_SECONDS = 10.0  # a worker that was ready and lived longer resets the crash counter
MAX_BACKOFF_SECONDS = 30.0  # the longest delay before a worker that crashes repeatedly is replaced
HEARTBEAT_TIMEOUT = 10.0  # seconds without a heartbeat, after which a worker counts as hanging and is killed
PIPE_SEND_SECONDS = 5  # a worker that does not read new settings for so long counts as hanging and is killed
_fork = multiprocessing.get_context("fork")  # the child inherits listeners, keys and loaded code, so it starts fast
_log = structlog.get_logger()


class WorkerSlot:
    """A listener and the process that serves it.

    The listener outlives the process, so the next process serves the connections that wait in its backlog.
    """

    def __init__(
        self, listener: socket.socket, run: Callable[[Connection, socket.socket], None], *, has_heartbeats: bool = True
    ) -> None:
        self.listener, self._run, self._has_heartbeats = listener, run, has_heartbeats
        self._process: ForkProcess | None = None
        self._pipe: Connection | None = None
        self._start_time = self._restart_time = time.monotonic()  # seconds, monotonic
        self._last_heartbeat = 0.0  # seconds, monotonic
        self.is_ready = False
        self.consecutive_crashes = 0  # since the last stable run; a crash after a stable run counts as 1

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def spawn_if_due(self, slots: Iterable["WorkerSlot"]) -> None:
        """Start a process if the slot has none and the back-off after crashes is over. `slots` are all slots."""
        if self._process is not None or time.monotonic() < self._restart_time:
            return
        parent_socket, child_socket = socket.socketpair()
        parent_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", PIPE_SEND_SECONDS, 0))
        self._pipe, child_pipe = Connection(parent_socket.detach()), Connection(child_socket.detach())
        self._start_time, self.is_ready = time.monotonic(), False
        self._process = _fork.Process(target=self._run_child, args=(child_pipe, list(slots)), daemon=True)
        self._process.start()
        child_pipe.close()

    def _run_child(self, pipe: Connection, slots: list["WorkerSlot"]) -> None:
        """Run in the new process, after closing what it inherited of other slots.

        An open copy of another listener would take its connections. An open copy of a pipe would keep it alive.
        """
        for slot in slots:
            slot.close_pipe()
            if slot.listener is not self.listener:
                slot.listener.close()
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signal_number, lambda *_: sys.exit(0))
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        self._run(pipe, self.listener)

    def poll(self) -> None:
        """Record whether the process is ready or dead. Kill it if it hangs."""
        if self._process is None or self._pipe is None:
            return
        is_alive = self._process.is_alive()  # checked before the pipe: a dead process has sent all that it ever will
        with suppress(EOFError, OSError):
            while self._pipe.poll():
                self.is_ready = bool(self._pipe.recv())
                self._last_heartbeat = time.monotonic()
        if not is_alive:
            self._reap(self._process)
        elif self._is_hanging:
            _log.error("A worker does not respond. The supervisor kills it.", hanging=self._process.pid)
            self._last_heartbeat = time.monotonic()
            self._process.kill()

    @property
    def _is_hanging(self) -> bool:
        silence = time.monotonic() - self._last_heartbeat
        return self._has_heartbeats and self.is_ready and silence > HEARTBEAT_TIMEOUT

    def _reap(self, process: ForkProcess) -> None:
        lifetime = time.monotonic() - self._start_time
        self.consecutive_crashes = 1 if self.is_ready and lifetime > STABLE_SECONDS else self.consecutive_crashes + 1
        backoff = (
            min(MAX_BACKOFF_SECONDS, 2.0 ** min(self.consecutive_crashes - 3, 9))
            if self.consecutive_crashes > 1
            else 0.0
        )
        self._restart_time = time.monotonic() + backoff
        _log.error(
            "A worker died. The supervisor replaces it.",
            died=process.pid,
            exit_code=process.exitcode,
            seconds_until_the_next=backoff,
        )
        self.close_pipe()
        process.close()
        self._process = None

    def send_settings(self, settings: Settings) -> None:
        """Send new settings to the process. If it hangs, kill it: its replacement starts with these settings."""
        if self._process is not None and self._pipe is not None:
            try:
                self._pipe.send(settings)
            except OSError:
                self._process.kill()

    def send(self, signal_number: signal.Signals) -> None:
        if self._process is not None and self._process.pid is not None and self._process.is_alive():
            os.kill(self._process.pid, signal_number)

    def close_pipe(self) -> None:
        """Close the pipe, which tells the process to stop."""
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
