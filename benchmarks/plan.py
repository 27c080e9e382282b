"""What is measured where nothing else is asked for: enough for every ratio, within a quarter of an hour."""

import argparse
from itertools import product

from .contenders import CONTENDERS, SERVICE, Contender
from .figures import Cell
from .workloads import WORKLOADS, Workload

_CONNECTIONS, _LATENCY, _CALLERS = (1, 16, 64), (0, 20), ("one", "many")
_BESIDE_OTHERS = (Cell(0, 16), Cell(0, 16, callers=True), Cell(20, 1), Cell(20, 64))
_ALONE = (Cell(0, 16), Cell(20, 1))
_ONE = Cell(0, 1)  # one client, who asks again and again, or reads page after page


def options() -> argparse.Namespace:
    """Those of the command."""
    names = list(dict.fromkeys(contender.name for contender in CONTENDERS if contender.name != SERVICE))
    states = list(dict.fromkeys(contender.state for contender in CONTENDERS))
    parser = argparse.ArgumentParser(prog="make bench", description="Measures the service beside others.")
    parser.add_argument("--workloads", nargs="+", default=list(WORKLOADS), choices=WORKLOADS, metavar="NAME")
    parser.add_argument("--peers", nargs="*", default=names, choices=names, help="servers beside ours")
    parser.add_argument("--states", nargs="+", choices=states, help="only these, of whatever server")
    parser.add_argument("--connections", nargs="+", type=int, help="at once, such as 1 16 64")
    parser.add_argument("--latency", nargs="+", type=int, help="milliseconds that a provider takes, such as 0 20")
    parser.add_argument("--callers", nargs="+", choices=_CALLERS, help="whether each request comes from another caller")
    parser.add_argument("--all", action="store_true", help="everything in every way: more than an hour")
    parser.add_argument("--tls", action="store_true", help="providers behind TLS, as real ones are")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="of one measurement")
    parser.add_argument("--write", metavar="FILE", help="a page of results to write, such as docs/performance.md")
    return parser.parse_args()


def contenders(chosen: argparse.Namespace, workload: Workload) -> list[Contender]:
    """Those that are measured by a workload."""
    return [
        one for one in CONTENDERS if _answers(chosen, workload, one) and one.state in (chosen.states or {one.state})
    ]


def _answers(chosen: argparse.Namespace, workload: Workload, contender: Contender) -> bool:
    if contender.name != SERVICE:
        return workload.peers and contender.name in chosen.peers
    return bool(chosen.all or chosen.states) or contender.state in workload.states


def cells(chosen: argparse.Namespace, workload: Workload, contender: Contender) -> list[Cell]:
    """How somebody is asked for a workload."""
    found = [*_usual(workload), *([_ONE] if contender.executes else [])]
    if chosen.all or chosen.connections or chosen.latency or chosen.callers:
        ways = (chosen.latency or _LATENCY, chosen.connections or _CONNECTIONS, chosen.callers or _CALLERS)
        found = [Cell(latency, connections, callers == "many") for latency, connections, callers in product(*ways)]
    return [cell for cell in dict.fromkeys(found) if contender.differs(cell.latency, cell.callers)]


def _usual(workload: Workload) -> tuple[Cell, ...]:
    if workload.peers:
        return _BESIDE_OTHERS
    return (_ONE,) if workload.document == "listing" else _ALONE
