"""Several workers on one port: started, replaced when they die, given new settings, and ended together."""

import signal
import socket
import time
from functools import partial
from multiprocessing.connection import Connection

import structlog

from server.accounts import demo_sandbox, sandbox_accounts
from server.config.settings import Settings
from server.config.watcher import POLL_SECONDS, ConfigWatcher

from .worker import run_sandbox, run_worker
from .worker_slot import WorkerSlot

MAX_CRASHES = 3  # of each worker, when none is ever ready
EXIT_GRACE_SECONDS = 3.0  # seconds beyond its grace in which a worker ends
STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM}
_log = structlog.get_logger()


class Supervisor:
    """Has neither threads nor a loop, so that it may fork; it takes its signals one by one, while it waits."""

    def __init__(self, listeners: list[socket.socket], settings: Settings, file: ConfigWatcher | None) -> None:
        self._settings, self._file = settings, file
        self._workers = [WorkerSlot(listener, self._work) for listener in listeners]
        self._sandbox = None if settings.accounts else self._simulated()
        self._slots = [*([self._sandbox] if self._sandbox else []), *self._workers]
        self._signals = {*STOP_SIGNALS, signal.SIGCHLD, signal.SIGALRM, *([signal.SIGHUP] if file else [])}
        signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)

    def run(self) -> bool:
        """Until a signal ends it; false when it gives up."""
        signal.setitimer(signal.ITIMER_REAL, POLL_SECONDS, POLL_SECONDS)
        ever_ready = False
        while True:
            for place in self._slots:
                place.spawn_if_due(self._slots)
            number = signal.sigwait(self._signals)
            for place in self._slots:
                place.poll()
            ever_ready = ever_ready or any(worker.is_ready for worker in self._workers)
            hopeless = not ever_ready and all(worker.consecutive_crashes >= MAX_CRASHES for worker in self._workers)
            if number in STOP_SIGNALS or hopeless:
                break
            if self._file and number in {signal.SIGHUP, signal.SIGALRM}:
                self._reload(self._file.poll(asked=number == signal.SIGHUP))
        if hopeless:
            _log.error("no worker ever became ready: the service gives up")
        self._end()
        return not hopeless

    def _reload(self, settings: Settings | None) -> None:
        if settings is not None and settings != self._settings:
            self._settings = settings
            for worker in self._workers:
                worker.send_settings(settings)

    def _end(self) -> None:
        """The workers close their listeners when they like, and the sandbox ends after the last of them."""
        until = time.monotonic() + self._settings.server.shutdown_grace + EXIT_GRACE_SECONDS
        for worker in self._workers:
            worker.listener.close()
            worker.send(signal.SIGTERM)
        while any(worker.is_alive for worker in self._workers):
            late = time.monotonic() > until
            urgent = signal.sigwait(self._signals) == signal.SIGINT
            if late:
                _log.error("a worker did not end, and is killed")
            for worker in self._workers if late or urgent else ():
                worker.send(signal.SIGKILL if late else signal.SIGINT)
        if self._sandbox:
            self._sandbox.close_pipe()
            self._sandbox.listener.close()
            while self._sandbox.is_alive:
                signal.sigwait(self._signals)

    def _work(self, supervisor: Connection, listener: socket.socket) -> None:
        run_worker(supervisor, listener, self._settings)

    def _simulated(self) -> WorkerSlot:
        """One sandbox for all workers, so that its data and faults are one."""
        sandbox, listener = demo_sandbox(), socket.create_server(("127.0.0.1", 0))
        accounts = sandbox_accounts(sandbox, f"http://127.0.0.1:{listener.getsockname()[1]}")
        self._settings = self._settings.model_copy(update={"accounts": accounts})
        return WorkerSlot(listener, partial(run_sandbox, sandbox=sandbox))
