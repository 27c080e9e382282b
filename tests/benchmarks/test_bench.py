"""The benchmark measures: how much is its own affair, that it measures the right thing is not."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.contenders import CONTENDERS, TWO_CALLS
from benchmarks.figures import Cell, medians
from benchmarks.load import AVAILABLE
from benchmarks.measure import Bench
from benchmarks.page import page
from benchmarks.upstream import simulating
from benchmarks.workloads import WORKLOADS, Account

pytestmark = [
    pytest.mark.skipif(not AVAILABLE, reason="there is no wrk here, which makes the load"),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="CPU and memory are read from /proc"),
]
INVOICES = WORKLOADS["invoices"]
OTHERS = replace(INVOICES, accounts=(Account("archera", 24, 19),))  # the same question, to which the answer is another
WARM, FLOOR = (
    next(one for one in CONTENDERS if one.title == title) for title in ("invoicegraph, warm", "by hand, uncached")
)
ONE, PATIENT = Cell(0, 1), Cell(20, 1)


def test_everyone_is_measured_and_the_page_says_so(tmp_path: Path) -> None:
    with simulating() as upstream:
        bench = Bench(upstream, 1, tmp_path, say=print)
        bench.round(INVOICES, {WARM: [ONE], FLOOR: [ONE]})

    found = medians(bench.results)
    assert bench.failures == {}
    assert {contender.title for _, contender, _ in found} == {"invoicegraph, warm", "by hand, uncached"}
    assert found["invoices", WARM, ONE].calls == 0
    assert found["invoices", FLOOR, ONE].calls >= 25  # the last query may be cut off
    assert "| invoicegraph | warm | 0 ms | 1 |" in page(found, bench.failures, 1, 1)


def test_what_two_calls_take_is_measured_beside_who_needs_them(tmp_path: Path) -> None:
    with simulating() as upstream:
        bench = Bench(upstream, 1, tmp_path, say=print)
        bench.round(INVOICES, {FLOOR: [ONE, PATIENT]})

    found = medians(bench.results)
    assert bench.failures == {}
    assert set(found) == {("invoices", FLOOR, ONE), ("invoices", FLOOR, PATIENT), ("invoices", TWO_CALLS, PATIENT)}
    assert 40 <= found["invoices", TWO_CALLS, PATIENT].p50 < found["invoices", FLOOR, PATIENT].p50


def test_who_answers_otherwise_than_the_others_is_left_out(tmp_path: Path) -> None:
    with simulating() as upstream:
        bench = Bench(upstream, 1, tmp_path, say=print)
        bench.round(OTHERS, {FLOOR: []})
        bench.round(INVOICES, {WARM: [ONE]})

    assert bench.failures == {"invoices, invoicegraph, warm": "its data differs from that of the other servers"}
    assert not bench.results
