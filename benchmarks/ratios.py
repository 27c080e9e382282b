"""Ratios between the figures: unlike absolute figures, they are comparable between machines."""

import operator
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

from .contenders import PEERS, SERVICE, TWO_CALLS
from .figures import Cell, Figures, Medians

Row = tuple[str, ...]
_BUSY, _AT_ONCE, _ALONE, _ONE = Cell(0, 16), Cell(20, 64), Cell(20, 1), Cell(0, 1)
_TWO_CALLS = TWO_CALLS.name, TWO_CALLS.state
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "≥": operator.ge,
    "≤": operator.le,
}
_HEADER = ("measure", "ratio", "target")


class NotMeasuredError(Exception):
    """A figure is missing."""


class _Figures:
    """Finds medians by server, state, load and workload."""

    def __init__(self, medians: Medians) -> None:
        self._medians = medians

    def get(self, name: str, state: str, cell: Cell, workload: str = "invoices") -> Figures:
        for (workload_name, contender, load), figures in self._medians.items():
            if (workload_name, contender.name, contender.state, load) == (workload, name, state, cell):
                return figures
        raise NotMeasuredError

    def of_service(self, state: str, cell: Cell, workload: str = "invoices") -> Figures:
        return self.get(SERVICE, state, cell, workload)

    def best_rate(self, state: str, cell: Cell) -> float:
        """Return the requests per second of the fastest other gateway."""
        others = [
            figures.per_second
            for (_, contender, load), figures in self._medians.items()
            if contender.name in PEERS and (contender.state, load) == (state, cell)
        ]
        if not others:
            raise NotMeasuredError
        return max(others)


class _Ratio(NamedTuple):
    """One row of the table."""

    measure: str
    target: str  # a comparison and a number
    compute: Callable[["_Figures"], float]
    reason: Callable[["_Figures"], str] = lambda _: ""  # why the service misses the target

    def is_met(self, ratio: float) -> bool:
        """Whether the exact ratio, and not only the rounded one, meets the target."""
        comparison, number = self.target.split()
        return _COMPARISONS[comparison](ratio, float(number))


def ratio_table(medians: Medians) -> list[Row]:
    """Return a table with its header. Ratios that were not measured are left out."""
    return [_HEADER, *((row.measure, f"{ratio:.2f}", row.target) for row, ratio, _ in _measured(medians))]


def missed_targets(medians: Medians) -> list[str]:
    """Return a line of Markdown with the reason for each ratio that misses its target."""
    return [
        f"**{row.measure}** ({_exact(ratio, row)}, target {row.target}). {_reason(row, figures)}".rstrip()
        for row, ratio, figures in _measured(medians)
        if not row.is_met(ratio)
    ]


def _measured(medians: Medians) -> Iterator[tuple[_Ratio, float, _Figures]]:
    figures = _Figures(medians)
    for row in _RATIOS:
        with suppress(NotMeasuredError):
            yield row, row.compute(figures), figures


def _exact(ratio: float, row: _Ratio) -> str:
    """Return the ratio with two digits, or with three if two would seem to meet the target."""
    return f"{ratio:.3f}" if row.is_met(round(ratio, 2)) else f"{ratio:.2f}"


def _reason(row: _Ratio, figures: _Figures) -> str:
    try:
        return row.reason(figures)
    except NotMeasuredError:  # the reason compares with a server that was left out
        return ""


def _rate(state: str, other: Callable[[_Figures], float], cell: Cell = _BUSY) -> Callable[[_Figures], float]:
    return lambda figures: figures.of_service(state, cell).per_second / other(figures)


def _pages(state: str, kind: str) -> Callable[[_Figures], float]:
    """Return the ratio of times per page. All pages have one size, so it is also the ratio per invoice."""
    return lambda figures: (
        figures.of_service(state, _ONE, f"{kind}-240").per_second
        / figures.of_service(state, _ONE, f"{kind}-2400").per_second
    )


def _compiled(workload: str) -> Callable[[_Figures], float]:
    return lambda figures: (
        figures.of_service("warm", _ONE, workload).per_second / figures.of_service("stock", _ONE, workload).per_second
    )


def _path(workload: str) -> Callable[[_Figures], float]:
    return lambda figures: (
        figures.of_service("uncached", _ALONE, workload).p50 / figures.get(*_TWO_CALLS, _ALONE, workload).p50
    )


def _above_floor(times: float, other: Callable[[_Figures], float]) -> Callable[[_Figures], str]:
    """Compare the target's rate with that of hand-written code."""

    def reason(figures: _Figures) -> str:
        target, floor = times * other(figures), figures.get("by hand", "uncached", _BUSY).per_second
        relation = "above" if target > floor else "below"
        return (
            f"The target is {target:,.0f} requests/s, {relation} the {floor:,.0f} of hand-written code on the same "
            "transport. That code has no validation, cache, rate limit, circuit breaker, deadline or coverage."
        )

    return reason


def _near_constant(times: int) -> Callable[[_Figures], str]:
    """Compare the target's rate with that of a constant body."""

    def reason(figures: _Figures) -> str:
        target = times * figures.best_rate("cached", _BUSY)
        constant = figures.get("by hand", "constant", _BUSY).per_second
        beyond = ". No response of that size can reach it" if target > constant else ""
        return (
            f"The target is {target:,.0f} requests/s: {target / constant:.0%} of the {constant:,.0f} requests/s that "
            "the server reaches with a constant body of that size, with the load generator on the same "
            f"machine{beyond}."
        )

    return reason


def _text(reason: str) -> Callable[[_Figures], str]:
    return lambda _: reason


_CALL_COST = (
    "The rest of the CPU is spread over many small steps of each provider call: loader, cache, circuit breaker, "
    "concurrency limit, deadline and translation. No single step dominates a profile. The uncached ratios vary by up "
    "to a fifth between two runs on one machine."
)
_BETWEEN_CALLS = (
    "The difference is CPU of the service. Before the second call it parses and translates the responses to the first "
    "ones; after it, it writes the response."
)
_DASHBOARD = (
    f"{_BETWEEN_CALLS} The dashboard reads all three providers, among them 24 Palette invoices. A trial that requested "
    "Archera's line items earlier saved only 1 to 1.5 ms and changed the order of errors."
)
_LOAD_SHARES_CORES = (
    "Both servers wait 20 ms twice. The load generator shares the cores with the servers. It sends the next requests "
    "up to 5 ms late in about half of the rounds."
)
_RATIOS: list[_Ratio] = [
    _Ratio(
        "uncached: throughput vs. the fastest other gateway",
        "> 1",
        _rate("uncached", lambda figures: figures.best_rate("uncached", _BUSY)),
        _above_floor(1, lambda figures: figures.best_rate("uncached", _BUSY)),
    ),
    _Ratio(
        "uncached: throughput vs. Apollo Server",
        "≥ 2.5",
        _rate("uncached", lambda figures: figures.get("apollo", "uncached", _BUSY).per_second),
        _above_floor(2.5, lambda figures: figures.get("apollo", "uncached", _BUSY).per_second),
    ),
    _Ratio(
        "uncached: throughput vs. hand-written code",
        "≥ 0.67",
        _rate("uncached", lambda figures: figures.get("by hand", "uncached", _BUSY).per_second),
        _text(_CALL_COST),
    ),
    _Ratio(
        "data cached: throughput vs. the fastest other gateway's cache",
        "≥ 4",
        _rate("warm", lambda figures: figures.best_rate("cached", _BUSY)),
        lambda figures: f"{_near_constant(4)(figures)} Here the service also executes queries.",
    ),
    _Ratio(
        "responses cached: throughput vs. the fastest other gateway's cache",
        "≥ 8",
        _rate("hot", lambda figures: figures.best_rate("cached", _BUSY)),
        _near_constant(8),
    ),
    _Ratio(
        "responses cached: throughput vs. a constant body of the same size",
        "≥ 0.5",
        _rate("hot", lambda figures: figures.get("by hand", "constant", _BUSY).per_second),
    ),
    _Ratio(
        "64 identical concurrent requests: provider calls per query",
        "≤ 0.5",
        lambda figures: figures.of_service("in flight", _AT_ONCE).calls,
    ),
    _Ratio(
        "64 identical concurrent requests: throughput vs. Tailcall, which coalesces them too",
        "≥ 1",
        _rate("in flight", lambda figures: figures.get("tailcall", "in flight", _AT_ONCE).per_second, _AT_ONCE),
        _text(_LOAD_SHARES_CORES),
    ),
    _Ratio(
        "20 ms per provider call: median latency vs. two sequential calls",
        "≤ 1.15",
        _path("invoices"),
        _text(_BETWEEN_CALLS),
    ),
    _Ratio(
        "20 ms per provider call, dashboard: median latency vs. two sequential calls",
        "≤ 1.15",
        _path("dashboard"),
        _text(_DASHBOARD),
    ),
    _Ratio(
        "compiled, one request at a time: throughput vs. graphql-core's completion, 2,040 leaves",
        "≥ 8",
        _compiled("invoices"),
    ),
    _Ratio(
        "compiled, one request at a time: throughput vs. graphql-core's completion, 5 leaves",
        "≥ 1",
        _compiled("five"),
    ),
    *(
        _Ratio(f"2,400 invoices, {state}: time per {unit} vs. 240 invoices", "≤ 1.3", _pages(state, kind))
        for state in ("uncached", "warm")
        for kind, unit in (("list", "invoice"), ("page", "page of 20"))
    ),
]
