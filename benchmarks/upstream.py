"""The simulator as others see it: where it is, what it was asked, and how long it takes."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from .process import ROOT

_LIST = "/archera/24/20/beta/v1/org/bench/invoices"
_LINES = f"{_LIST}/2026/9/line-items"


@dataclass(frozen=True, slots=True)
class Upstream:
    """A running simulator; `environment`: what a server needs to trust its certificate."""

    address: str
    control: str
    environment: Mapping[str, str]

    def begin(self, latency: int = 0) -> dict[str, int]:
        """The calls until now, which are forgotten; from now on each takes that many milliseconds."""
        before = httpx.get(f"{self.control}/control").json()
        httpx.get(f"{self.control}/control?latency={latency / 1_000}").raise_for_status()
        calls: dict[str, int] = before["calls"]
        return calls

    def two_calls(self, times: int) -> list[float]:
        """How many milliseconds a call after another takes, so many times, on one kept connection without TLS."""
        connection = HTTPConnection(urlsplit(self.control).netloc)
        with closing(connection):
            return [_twice(connection) for _ in range(times)]


def _twice(connection: HTTPConnection) -> float:
    began = time.perf_counter()
    for path in (_LIST, _LINES):
        connection.request("GET", path)
        connection.getresponse().read()
    return (time.perf_counter() - began) * 1_000


@contextmanager
def simulating(*, tls: bool = False) -> Iterator[Upstream]:
    """A simulator that runs meanwhile."""
    with tempfile.TemporaryDirectory(prefix="upstream-") as folder:
        authority = Path(folder) / "authority.pem"
        command = [sys.executable, "-m", "benchmarks.simulator", str(authority)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                plain, encrypted = process.stdout.readline().split()
                control = f"http://127.0.0.1:{plain}"
                trusting = {"SSL_CERT_FILE": str(authority), "NODE_EXTRA_CA_CERTS": str(authority)}
                yield Upstream(f"https://127.0.0.1:{encrypted}" if tls else control, control, trusting if tls else {})
            finally:
                process.terminate()
