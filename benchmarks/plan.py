"""Which measurements run by default: enough for every ratio, within a quarter of an hour."""

import argparse
from itertools import product

from .contenders import CONTENDERS, SERVICE, Contender
from .figures import Cell
from .workloads import WORKLOADS, Workload

_CONNECTIONS, _LATENCY, _CALLERS = (1, 16, 64), (0, 20), ("one", "many")
_BESIDE_OTHERS = (Cell(0, 16), Cell(0, 16, callers=True), Cell(20, 1), Cell(20, 64))
_ALONE = (Cell(0, 16), Cell(20, 1))
_ONE = Cell(0, 1)  # one client that repeats its requests, or reads page after page


def options() -> argparse.Namespace:
    """The options of the command."""
    names = list(dict.fromkeys(contender.name for contender in CONTENDERS if contender.name != SERVICE))
    states = list(dict.fromkeys(contender.state for contender in CONTENDERS))
    parser = argparse.ArgumentParser(prog="make bench", description="Measures the service and other gateways.")
    parser.add_argument("--workloads", nargs="+", default=list(WORKLOADS), choices=WORKLOADS, metavar="NAME")
    parser.add_argument("--peers", nargs="*", default=names, choices=names, help="servers besides the service")
    parser.add_argument("--states", nargs="+", choices=states, help="only these states, of every server")
    parser.add_argument("--connections", nargs="+", type=int, help="concurrent connections, such as 1 16 64")
    parser.add_argument("--latency", nargs="+", type=int, help="milliseconds per provider call, such as 0 20")
    parser.add_argument("--callers", nargs="+", choices=_CALLERS, help="one caller, or another caller for each request")
    parser.add_argument("--all", action="store_true", help="every workload in every combination: more than an hour")
    parser.add_argument("--tls", action="store_true", help="providers with TLS, as in production")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="duration of one measurement")
    parser.add_argument("--write", metavar="FILE", help="the page of results to write, such as docs/performance.md")
    return parser.parse_args()


def contenders(chosen: argparse.Namespace, workload: Workload) -> list[Contender]:
    """The servers that a workload measures."""
    return [
        one for one in CONTENDERS if _answers(chosen, workload, one) and one.state in (chosen.states or {one.state})
    ]


def _answers(chosen: argparse.Namespace, workload: Workload, contender: Contender) -> bool:
    if contender.name != SERVICE:
        return workload.peers and contender.name in chosen.peers
    return bool(chosen.all or chosen.states) or contender.state in workload.states


def cells(chosen: argparse.Namespace, workload: Workload, contender: Contender) -> list[Cell]:
    """The loads under which a server is measured."""
    found = [*_usual(workload), *([_ONE] if contender.executes else [])]
    if chosen.all or chosen.connections or chosen.latency or chosen.callers:
        ways = (chosen.latency or _LATENCY, chosen.connections or _CONNECTIONS, chosen.callers or _CALLERS)
        found = [Cell(latency, connections, callers == "many") for latency, connections, callers in product(*ways)]
    return [cell for cell in dict.fromkeys(found) if contender.differs(cell.latency, cell.callers)]


def _usual(workload: Workload) -> tuple[Cell, ...]:
    if workload.peers:
        return _BESIDE_OTHERS
    return (_ONE,) if workload.document == "listing" else _ALONE
