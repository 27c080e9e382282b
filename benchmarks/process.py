"""A server under measurement: started in a session of its own, watched as a whole with its children, and ended."""

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
_START, _END = 60.0, 5.0  # seconds that a server has for it
_LOOK, _IDLE = 0.2, 0.2  # seconds between two looks at it; what it may use of a core meanwhile
ROOT = Path(__file__).parent.parent


class Failed(Exception):
    """A server cannot be measured; the message says why."""


class Server:
    """A running process and those that it started."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process, self.url = process, url

    def cpu(self) -> float:
        """Seconds of all cores, of children that have ended too."""
        return sum(sum(map(int, _stat(pid)[11:15])) for pid in self._pids()) / _TICKS

    def peak_megabytes(self) -> float:
        return sum(_peak(pid) for pid in self._pids()) / 1024

    def settle(self) -> None:
        """Waits until it is done with what nobody waits for any more."""
        until = time.monotonic() + _END
        while time.monotonic() < until:
            before = self.cpu()
            time.sleep(_LOOK)
            if self.cpu() - before < _IDLE * _LOOK:
                return

    def _pids(self) -> list[int]:
        """Its session's processes."""
        found = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [pid for pid in found if _session(pid) == self.process.pid]


def _stat(pid: int) -> list[str]:
    """The fields behind the name, which may hold anything; none of a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _session(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[3]) if fields else None


def _peak(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


@contextlib.contextmanager
def running(
    command: list[str], url: str, log: IO[bytes], folder: Path = ROOT, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server that takes connections at `url`, where its command has it listen."""
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
        _wait(process, url)
        yield Server(process, url)
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    until, address = time.monotonic() + _START, httpx.URL(url)
    while time.monotonic() < until:
        if process.poll() is not None:
            raise Failed(f"it exited with code {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection((address.host, address.port or 80), 1):
            return
        time.sleep(0.05)
    raise Failed(f"it accepts no connections after {_START:.0f} seconds")


def _end(process: subprocess.Popen[bytes]) -> None:
    """It and all that it started, by their own session."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_END)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
