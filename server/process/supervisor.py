"""Supervision of worker processes: start, replacement of dead workers, reload, shutdown."""

import signal
import socket
import time
from functools import partial
from multiprocessing.connection import Connection

import structlog

from server.accounts import demo_sandbox, sandbox_accounts
from server.config.settings import Settings
from server.config.watcher import POLL_SECONDS, ConfigWatcher
from server.telemetry.telemetry import MetricsPort

from .worker import run_sandbox, run_worker
from .worker_slot import WorkerSlot

MAX_CRASHES = 3  # of each worker, if none was ever ready: then the service stops
EXIT_GRACE_SECONDS = 3.0  # after `shutdown_grace`, before a worker that has not exited is killed
STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM}
_log = structlog.get_logger()


class Supervisor:
    """Supervises worker processes.

    Single-threaded and without an event loop, because it forks. Signals are blocked and read with `sigwait`.
    """

    def __init__(
        self,
        listeners: list[socket.socket],
        settings: Settings,
        watcher: ConfigWatcher | None,
        metrics: MetricsPort | None = None,
    ) -> None:
        self._settings, self._watcher, self._metrics = settings, watcher, metrics
        self._workers = [
            WorkerSlot(listener, partial(self._run_worker, slot)) for slot, listener in enumerate(listeners)
        ]
        self._sandbox = None if settings.accounts else self._create_sandbox_slot()
        self._slots = [*([self._sandbox] if self._sandbox else []), *self._workers]
        self._signals = {*STOP_SIGNALS, signal.SIGCHLD, signal.SIGALRM, *([signal.SIGHUP] if watcher else [])}
        signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)

    def run(self) -> bool:
        """Supervise until SIGINT or SIGTERM. Returns False if no worker ever became ready."""
        signal.setitimer(signal.ITIMER_REAL, POLL_SECONDS, POLL_SECONDS)
        ever_ready = False
        while True:
            for slot in self._slots:
                slot.spawn_if_due(self._slots)
            signal_number = signal.sigwait(self._signals)
            for slot in self._slots:
                slot.poll()
            ever_ready = ever_ready or any(worker.is_ready for worker in self._workers)
            has_failed = not ever_ready and all(worker.consecutive_crashes >= MAX_CRASHES for worker in self._workers)
            if signal_number in STOP_SIGNALS or has_failed:
                break
            if self._watcher and signal_number in {signal.SIGHUP, signal.SIGALRM}:
                self._reload(self._watcher.poll(is_forced=signal_number == signal.SIGHUP))
        if has_failed:
            _log.error("No worker ever became ready. The service stops. Correct the error that the lines above show.")
        self._shut_down()
        return not has_failed

    def _reload(self, settings: Settings | None) -> None:
        if settings is not None and self._sandbox:
            settings = settings.model_copy(update={"accounts": self._settings.accounts})
        if settings is not None and settings != self._settings:
            self._settings = settings
            for worker in self._workers:
                worker.send_settings(settings)

    def _shut_down(self) -> None:
        """Stop the workers, then the sandbox, which workers may call until they exit.

        Each worker decides when to close its own copy of the listener. A second Ctrl+C is passed on to the workers.
        """
        deadline = time.monotonic() + self._settings.server.shutdown_grace + EXIT_GRACE_SECONDS
        for worker in self._workers:
            worker.listener.close()
            worker.send(signal.SIGTERM)
        while any(worker.is_alive for worker in self._workers):
            is_overdue = time.monotonic() > deadline
            is_interrupted = signal.sigwait(self._signals) == signal.SIGINT
            if is_overdue:
                _log.error("A worker did not exit within the grace period. The supervisor kills it.")
            for worker in self._workers if is_overdue or is_interrupted else ():
                worker.send(signal.SIGKILL if is_overdue else signal.SIGINT)
        if self._sandbox:
            self._sandbox.close_pipe()
            self._sandbox.listener.close()
            while self._sandbox.is_alive:
                signal.sigwait(self._signals)

    def _run_worker(self, slot: int, supervisor: Connection, listener: socket.socket) -> None:
        run_worker(supervisor, listener, self._settings, self._metrics, slot)

    def _create_sandbox_slot(self) -> WorkerSlot:
        """Create one sandbox for all workers, so that they see the same data and faults; use its accounts."""
        sandbox, listener = demo_sandbox(odd=self._settings.server.odd_sandbox), socket.create_server(("127.0.0.1", 0))
        accounts = sandbox_accounts(sandbox, f"http://127.0.0.1:{listener.getsockname()[1]}")
        self._settings = self._settings.model_copy(update={"accounts": accounts})
        return WorkerSlot(listener, partial(run_sandbox, sandbox=sandbox), has_heartbeats=False)
