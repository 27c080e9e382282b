"""Which measurements run by default: enough for every ratio, within a quarter of an hour."""

import argparse
from itertools import product

from .contenders import CONTENDERS, SERVICE, Contender
from .figures import Cell
from .workloads import WORKLOADS, Workload

_CONNECTIONS, _LATENCY, _CALLERS = (1, 16, 64), (0, 20), ("one", "many")
_PEER_CELLS = (Cell(0, 16), Cell(0, 16, callers=True), Cell(20, 1), Cell(20, 64))
_SERVICE_CELLS = (Cell(0, 16), Cell(20, 1))
_SINGLE_CLIENT = Cell(0, 1)  # one client repeats its requests or pages through a list


def parse_options() -> argparse.Namespace:
    """Return the options of the command line."""
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


def select_contenders(options: argparse.Namespace, workload: Workload) -> list[Contender]:
    """Return the servers to measure with a workload."""
    return [
        each
        for each in CONTENDERS
        if _is_selected(options, workload, each) and each.state in (options.states or {each.state})
    ]


def _is_selected(options: argparse.Namespace, workload: Workload, contender: Contender) -> bool:
    if contender.name != SERVICE:
        return workload.peers and contender.name in options.peers
    return bool(options.all or options.states) or contender.state in workload.states


def select_cells(options: argparse.Namespace, workload: Workload, contender: Contender) -> list[Cell]:
    """Return the loads under which to measure a server."""
    cells = [*_default_cells(workload), *([_SINGLE_CLIENT] if contender.has_execution_test else [])]
    if options.all or options.connections or options.latency or options.callers:
        values = (options.latency or _LATENCY, options.connections or _CONNECTIONS, options.callers or _CALLERS)
        cells = [Cell(latency, connections, callers == "many") for latency, connections, callers in product(*values)]
    return [cell for cell in dict.fromkeys(cells) if contender.can_differ(cell.latency, cell.callers)]


def _default_cells(workload: Workload) -> tuple[Cell, ...]:
    if workload.peers:
        return _PEER_CELLS
    return (_SINGLE_CLIENT,) if workload.document == "listing" else _SERVICE_CELLS
