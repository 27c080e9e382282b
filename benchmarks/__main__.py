"""The command: `python -m benchmarks --help`."""

import sys
import tempfile
from pathlib import Path

from .figures import medians
from .load import AVAILABLE
from .measure import Bench
from .page import page
from .plan import cells, contenders, options
from .ratios import ratios
from .report import aligned, tables
from .upstream import simulating
from .workloads import WORKLOADS


def main() -> None:
    """Measures the chosen workloads and prints the medians and their ratios."""
    chosen = options()
    if not AVAILABLE:
        sys.exit("The load generator wrk is not installed: `make bench` installs it.")
    with simulating(tls=chosen.tls) as upstream, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(upstream, chosen.seconds, Path(folder), say=lambda line: print(line, file=sys.stderr))
        for _ in range(chosen.rounds):
            for workload in map(WORKLOADS.__getitem__, chosen.workloads):
                bench.round(workload, {one: cells(chosen, workload, one) for one in contenders(chosen, workload)})
    found = medians(bench.results)
    for name, rows in {**tables(found), "ratios": ratios(found)}.items():
        if len(rows) > 1:  # not only its head
            print(f"\n{name}\n{aligned(rows)}")
    for what, why in bench.failures.items():
        print(f"\nNot measured: {what}: {why}")
    if chosen.write:
        Path(chosen.write).write_text(page(found, bench.failures, chosen.rounds, chosen.seconds), encoding="utf-8")


if __name__ == "__main__":
    main()
