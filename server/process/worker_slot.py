"""The place of one worker: the process that fills it, how it is, and when the next one may come."""

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

STABLE_SECONDS = 10.0  # seconds after which a worker that dies is not one that cannot run
MAX_BACKOFF_SECONDS = 30.0  # seconds before another worker takes the place of those that died
PIPE_SEND_SECONDS = 5  # seconds after which a worker that does not take new settings hangs
_fork = multiprocessing.get_context("fork")  # listeners, keys and code are there at once, and start in no time
_log = structlog.get_logger()


class WorkerSlot:
    """Its listener outlives whoever fills it, so that callers who wait there are answered by the next one."""

    def __init__(self, listener: socket.socket, run: Callable[[Connection, socket.socket], None]) -> None:
        self.listener, self._run = listener, run
        self._process: ForkProcess | None = None
        self._link: Connection | None = None
        self._began = self._rest_until = time.monotonic()
        self.is_ready = False
        self.consecutive_crashes = 0  # one soon after the other

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def spawn_if_due(self, places: Iterable["WorkerSlot"]) -> None:
        """Starts a process where there is none, unless the last ones died too soon."""
        if self._process is not None or time.monotonic() < self._rest_until:
            return
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", PIPE_SEND_SECONDS, 0))
        self._link, link = Connection(ours.detach()), Connection(theirs.detach())
        self._began, self.is_ready = time.monotonic(), False
        self._process = _fork.Process(target=self._enter, args=(link, list(places)), daemon=True)
        self._process.start()
        link.close()

    def _enter(self, link: Connection, places: list["WorkerSlot"]) -> None:
        """In the new process: it keeps nothing open by which others would be heard, or thought to live."""
        for place in places:
            place.close_pipe()
            if place.listener is not self.listener:
                place.listener.close()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: sys.exit(0))
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        self._run(link, self.listener)

    def poll(self) -> None:
        """Notes that its process is ready, or dead."""
        if self._process is None or self._link is None:
            return
        alive = self._process.is_alive()  # asked first: what it said before it died is there by then
        with suppress(EOFError, OSError):
            self.is_ready = self.is_ready or (self._link.poll() and bool(self._link.recv()))
        if not alive:
            self._reap(self._process)

    def _reap(self, process: ForkProcess) -> None:
        lived = time.monotonic() - self._began
        self.consecutive_crashes = 1 if self.is_ready and lived > STABLE_SECONDS else self.consecutive_crashes + 1
        rest = (
            min(MAX_BACKOFF_SECONDS, 2.0 ** min(self.consecutive_crashes - 3, 9))
            if self.consecutive_crashes > 1
            else 0.0
        )
        self._rest_until = time.monotonic() + rest
        _log.error("a worker died", died=process.pid, exit_code=process.exitcode, seconds_until_the_next=rest)
        self.close_pipe()
        process.close()
        self._process = None

    def send_settings(self, settings: Settings) -> None:
        """Gives its process other settings; one that hangs makes room for one that begins with them."""
        if self._process is not None and self._link is not None:
            try:
                self._link.send(settings)
            except OSError:
                self._process.kill()

    def send(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.pid is not None and self._process.is_alive():
            os.kill(self._process.pid, number)

    def close_pipe(self) -> None:
        """Its process hears that nobody is there any more."""
        if self._link is not None:
            self._link.close()
            self._link = None
