"""The command: `python -m benchmarks --help`."""

import argparse
import sys
import tempfile
from pathlib import Path

from .contenders import CONTENDERS, SERVICE
from .load import AVAILABLE
from .measure import Bench, Cell, medians, simulating
from .report import aligned, tables
from .workloads import WORKLOADS


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--workloads", nargs="+", default=list(WORKLOADS), choices=WORKLOADS)
    names = dict.fromkeys(contender.name for contender in CONTENDERS if contender.name != SERVICE)
    parser.add_argument("--peers", nargs="*", default=list(names), choices=names, help="servers beside ours")
    parser.add_argument("--states", nargs="+", help="only these states, of whatever server")
    parser.add_argument("--connections", nargs="+", type=int, default=[1, 16, 64])
    parser.add_argument("--latency", nargs="+", type=int, default=[0, 20], help="milliseconds of a provider's answer")
    parser.add_argument("--callers", nargs="+", default=["one"], choices=["one", "many"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2, help="of one measurement")
    return parser.parse_args()


def main() -> None:
    """Measures what was chosen and prints the medians."""
    options = _options()
    if not AVAILABLE:
        sys.exit("There is no wrk here, which makes the load: `make bench` installs it.")
    chosen = [
        contender
        for contender in CONTENDERS
        if contender.name in {SERVICE, *options.peers} and contender.state in (options.states or {contender.state})
    ]
    cells = [
        Cell(latency, connections, callers == "many")
        for latency in options.latency
        for connections in options.connections
        for callers in options.callers
    ]
    with simulating() as simulator, tempfile.TemporaryDirectory(prefix="bench") as folder:
        bench = Bench(simulator, options.seconds, Path(folder), say=lambda line: print(line, file=sys.stderr))
        for _ in range(options.rounds):
            for name in options.workloads:
                bench.round(WORKLOADS[name], chosen, cells)
    for name, rows in tables(medians(bench.results)).items():
        print(f"\n{name}\n{aligned(rows)}")
    for title, why in bench.failures.items():
        print(f"\nLeft out: {title}: {why}")


if __name__ == "__main__":
    main()
