"""The providers' simulator: its addresses, its control of latency, its count of calls."""

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

_LIST_PATH = "/archera/24/20/beta/v1/org/bench/invoices"
_LINES_PATH = f"{_LIST_PATH}/2026/9/line-items"


@dataclass(frozen=True, slots=True)
class Upstream:
    """A running simulator. `environment` has the variables that make a server trust its certificate."""

    address: str  # base URL of the APIs
    control: str  # base URL of `/control`, without TLS
    environment: Mapping[str, str]

    def reset(self, latency: int = 0) -> dict[str, int]:
        """Return the calls since the last reset, by kind. Later calls take `latency` milliseconds."""
        state = httpx.get(f"{self.control}/control").json()
        httpx.get(f"{self.control}/control?latency={latency / 1_000}").raise_for_status()
        calls: dict[str, int] = state["calls"]
        return calls

    def two_calls(self, samples: int) -> list[float]:
        """Measure two sequential calls, in milliseconds, on one kept-alive connection without TLS."""
        connection = HTTPConnection(urlsplit(self.control).netloc)
        with closing(connection):
            return [_measure_two_calls(connection) for _ in range(samples)]


def _measure_two_calls(connection: HTTPConnection) -> float:
    start = time.perf_counter()
    for path in (_LIST_PATH, _LINES_PATH):
        connection.request("GET", path)
        connection.getresponse().read()
    return (time.perf_counter() - start) * 1_000


@contextmanager
def run_simulator(*, tls: bool = False) -> Iterator[Upstream]:
    """Run a simulator while entered. With `tls` its APIs are served over TLS."""
    with tempfile.TemporaryDirectory(prefix="upstream-") as folder:
        authority = Path(folder) / "authority.pem"
        command = [sys.executable, "-m", "benchmarks.simulator", str(authority)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                plain_port, tls_port = process.stdout.readline().split()
                control = f"http://127.0.0.1:{plain_port}"
                environment = {"SSL_CERT_FILE": str(authority), "NODE_EXTRA_CA_CERTS": str(authority)}
                yield Upstream(f"https://127.0.0.1:{tls_port}" if tls else control, control, environment if tls else {})
            finally:
                process.terminate()
