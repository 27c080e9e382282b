"""What the figures say of each other: the result, for a ratio stays where a machine is another."""

from collections.abc import Callable
from contextlib import suppress

from .contenders import PEERS, SERVICE, TWO_CALLS
from .figures import Cell, Figures, Medians

Row = tuple[str, ...]
_BUSY, _AT_ONCE, _ALONE, _ONE = Cell(0, 16), Cell(20, 64), Cell(20, 1), Cell(0, 1)
_TWO_CALLS = TWO_CALLS.name, TWO_CALLS.state
_HEAD = ("what", "ratio", "wanted")


class NotMeasuredError(Exception):
    """A figure is missing."""


class _Figures:
    """The medians by who was measured, in which state, by what, and how."""

    def __init__(self, medians: Medians) -> None:
        self._medians = medians

    def of(self, name: str, state: str, cell: Cell, workload: str = "invoices") -> Figures:
        for (asked, contender, how), figures in self._medians.items():
            if (asked, contender.name, contender.state, how) == (workload, name, state, cell):
                return figures
        raise NotMeasuredError

    def ours(self, state: str, cell: Cell, workload: str = "invoices") -> Figures:
        return self.of(SERVICE, state, cell, workload)

    def best(self, state: str, cell: Cell) -> float:
        """The rate of the fastest other gateway."""
        others = [
            figures.per_second
            for (_, contender, how), figures in self._medians.items()
            if contender.name in PEERS and (contender.state, how) == (state, cell)
        ]
        if not others:
            raise NotMeasuredError
        return max(others)


def ratios(medians: Medians) -> list[Row]:
    """A table with its head: what, how much, how much is wanted; without what was not measured."""
    figures = _Figures(medians)
    rows: list[Row] = [_HEAD]
    for what, wanted, ratio in _RATIOS:
        with suppress(NotMeasuredError):
            rows.append((what, f"{ratio(figures):.2f}", wanted))
    return rows


def _rate(state: str, other: Callable[[_Figures], float], cell: Cell = _BUSY) -> Callable[[_Figures], float]:
    return lambda figures: figures.ours(state, cell).per_second / other(figures)


def _pages(state: str, kind: str) -> Callable[[_Figures], float]:
    """Pages are of one size, so that a page's time is an invoice's."""
    return lambda figures: (
        figures.ours(state, _ONE, f"{kind}-240").per_second / figures.ours(state, _ONE, f"{kind}-2400").per_second
    )


def _compiled(workload: str) -> Callable[[_Figures], float]:
    return lambda figures: (
        figures.ours("warm", _ONE, workload).per_second / figures.ours("stock", _ONE, workload).per_second
    )


def _path(workload: str) -> Callable[[_Figures], float]:
    return lambda figures: (
        figures.ours("uncached", _ALONE, workload).p50 / figures.of(*_TWO_CALLS, _ALONE, workload).p50
    )


_RATIOS: list[tuple[str, str, Callable[[_Figures], float]]] = [
    ("uncached: the best other gateway", "> 1", _rate("uncached", lambda one: one.best("uncached", _BUSY))),
    ("uncached: Apollo Server", "≥ 2.5", _rate("uncached", lambda one: one.of("apollo", "uncached", _BUSY).per_second)),
    (
        "uncached: the same work by hand",
        "≥ 0.67",
        _rate("uncached", lambda one: one.of("by hand", "uncached", _BUSY).per_second),
    ),
    ("data cached: the best other gateway's cache", "≥ 4", _rate("warm", lambda one: one.best("cached", _BUSY))),
    ("answers cached: the best other gateway's cache", "≥ 8", _rate("hot", lambda one: one.best("cached", _BUSY))),
    (
        "answers cached: a constant of that size",
        "≥ 0.5",
        _rate("hot", lambda one: one.of("by hand", "constant", _BUSY).per_second),
    ),
    ("64 alike at once: provider calls per query", "≤ 0.5", lambda one: one.ours("in flight", _AT_ONCE).calls),
    (
        "64 alike at once: Tailcall, which shares them too",
        "≥ 1",
        _rate("in flight", lambda one: one.of("tailcall", "in flight", _AT_ONCE).per_second, _AT_ONCE),
    ),
    ("20 ms a call: median over that of two calls", "≤ 1.15", _path("invoices")),
    ("20 ms a call, dashboard: median over that of two calls", "≤ 1.15", _path("dashboard")),
    ("compiled, one after the other: graphql-core's own completion, 2,040 leaves", "≥ 8", _compiled("invoices")),
    ("compiled, one after the other: graphql-core's own completion, 5 leaves", "≥ 1", _compiled("five")),
    *(
        (f"2,400 invoices, {state}: {what} than of 240", "≤ 1.3", _pages(state, kind))
        for state in ("uncached", "warm")
        for kind, what in (("list", "times an invoice takes longer"), ("page", "times a page of 20 takes longer"))
    ),
]
