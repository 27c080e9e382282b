"""A server process under measurement, in its own session: started, measured with its children, and stopped."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import httpx

_TICKS = os.sysconf("SC_CLK_TCK")
_START_TIMEOUT, _STOP_TIMEOUT = 60.0, 5.0  # seconds
_SETTLE_TIMEOUT = 5.0  # seconds
_POLL_SECONDS, _MAX_IDLE_CPU = 0.2, 0.2  # the latter as a fraction of one core
ROOT = Path(__file__).parent.parent


class MeasurementError(Exception):
    """A server cannot be measured. The message says why."""


class Server:
    """A running process and its children."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process, self.url = process, url

    def cpu(self) -> float:
        """Return the CPU seconds on all cores, including those of children that have exited."""
        return sum(sum(map(int, _stat(pid)[11:15])) for pid in self._pids()) / _TICKS

    def peak_megabytes(self) -> float:
        return sum(_peak_kilobytes(pid) for pid in self._pids()) / 1024

    def settle(self) -> None:
        """Wait until the server is nearly idle: it may still work for requests whose clients are gone."""
        deadline = time.monotonic() + _SETTLE_TIMEOUT
        while time.monotonic() < deadline:
            cpu_before = self.cpu()
            time.sleep(_POLL_SECONDS)
            if self.cpu() - cpu_before < _MAX_IDLE_CPU * _POLL_SECONDS:
                return

    def _pids(self) -> list[int]:
        """Return the ids of the processes in the session."""
        pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [pid for pid in pids if _session(pid) == self.process.pid]


def _stat(pid: int) -> list[str]:
    """Return the fields after the name, which may contain any character. Empty if the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _session(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[3]) if fields else None


def _peak_kilobytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


@contextlib.contextmanager
def run_server(
    command: list[str], url: str, log: IO[bytes], folder: Path = ROOT, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start a server and yield it once it accepts connections at `url`; its command must listen there."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        _wait_until_listening(process, url)
        yield Server(process, url)
    finally:
        _stop(process)


def _wait_until_listening(process: subprocess.Popen[bytes], url: str) -> None:
    deadline, address = time.monotonic() + _START_TIMEOUT, httpx.URL(url)
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise MeasurementError(f"it exited with code {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection((address.host, address.port or 80), 1):
            return
        time.sleep(0.05)
    raise MeasurementError(f"it accepts no connections after {_START_TIMEOUT:.0f} seconds")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the process and its children: with SIGTERM, then with SIGKILL."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal_number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_TIMEOUT)


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
