"""The command: `python -m benchmarks --help`."""

import sys
import tempfile
from pathlib import Path

from .figures import compute_medians
from .load import AVAILABLE
from .measure import Bench
from .page import render_page
from .plan import parse_options, select_cells, select_contenders
from .ratios import ratio_table
from .report import format_text, result_tables
from .upstream import run_simulator
from .workloads import WORKLOADS


def main() -> None:
    """Measure the selected workloads; print the medians and their ratios."""
    options = parse_options()
    if not AVAILABLE:
        sys.exit("The load generator wrk is not installed: `make bench` installs it.")
    with run_simulator(tls=options.tls) as upstream, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(upstream, options.seconds, Path(folder), log=lambda line: print(line, file=sys.stderr))
        for _ in range(options.rounds):
            for workload in map(WORKLOADS.__getitem__, options.workloads):
                contenders = select_contenders(options, workload)
                bench.run_round(workload, {each: select_cells(options, workload, each) for each in contenders})
    medians = compute_medians(bench.results)
    for name, rows in {**result_tables(medians), "ratios": ratio_table(medians)}.items():
        if len(rows) > 1:  # more than the header
            print(f"\n{name}\n{format_text(rows)}")
    for label, reason in bench.failures.items():
        print(f"\nNot measured: {label}: {reason}")
    if options.write:
        Path(options.write).write_text(
            render_page(medians, bench.failures, options.rounds, options.seconds), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
