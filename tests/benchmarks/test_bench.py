"""The benchmark measures the right thing. How fast the servers are is not tested."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.contenders import CONTENDERS, TWO_CALLS
from benchmarks.figures import Cell, compute_medians
from benchmarks.load import AVAILABLE
from benchmarks.measure import Bench
from benchmarks.page import render_page
from benchmarks.upstream import run_simulator
from benchmarks.workloads import WORKLOADS, Account

pytestmark = [
    pytest.mark.skipif(not AVAILABLE, reason="the load generator wrk is not installed"),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="CPU and memory are read from /proc"),
]
INVOICES = WORKLOADS["invoices"]
OTHER_DATA = replace(INVOICES, accounts=(Account("archera", 24, 19),))  # the same query with another response
WARM, FLOOR = (
    next(contender for contender in CONTENDERS if contender.title == title)
    for title in ("invoicegraph, warm", "by hand, uncached")
)
ONE, WAITING = Cell(0, 1), Cell(20, 1)


def test_contenders_are_measured_and_on_the_page(tmp_path: Path) -> None:
    with run_simulator() as upstream:
        bench = Bench(upstream, 1, tmp_path, log=print)
        bench.run_round(INVOICES, {WARM: [ONE], FLOOR: [ONE]})

    results = compute_medians(bench.results)
    assert bench.failures == {}
    assert {contender.title for _, contender, _ in results} == {"invoicegraph, warm", "by hand, uncached"}
    assert results["invoices", WARM, ONE].calls == 0
    assert results["invoices", FLOOR, ONE].calls >= 25  # the last query may be incomplete
    assert "| invoicegraph | warm | 0 ms | 1 |" in render_page(results, bench.failures, 1, 1)


def test_two_sequential_calls_are_measured(tmp_path: Path) -> None:
    with run_simulator() as upstream:
        bench = Bench(upstream, 1, tmp_path, log=print)
        bench.run_round(INVOICES, {FLOOR: [ONE, WAITING]})

    results = compute_medians(bench.results)
    assert bench.failures == {}
    assert set(results) == {("invoices", FLOOR, ONE), ("invoices", FLOOR, WAITING), ("invoices", TWO_CALLS, WAITING)}
    assert 40 <= results["invoices", TWO_CALLS, WAITING].p50 < results["invoices", FLOOR, WAITING].p50


def test_contender_with_other_data_is_not_measured(tmp_path: Path) -> None:
    with run_simulator() as upstream:
        bench = Bench(upstream, 1, tmp_path, log=print)
        bench.run_round(OTHER_DATA, {FLOOR: []})
        bench.run_round(INVOICES, {WARM: [ONE]})

    assert bench.failures == {"invoices, invoicegraph, warm": "its data differs from that of the other servers"}
    assert not bench.results
