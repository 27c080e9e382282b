"""What is measured of whom, and how it was asked."""

from dataclasses import dataclass, fields
from statistics import median

from .contenders import Contender


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """How a server is asked."""

    latency: int  # milliseconds that a provider takes
    connections: int
    callers: bool = False  # each request comes from another caller

    @property
    def is_patient(self) -> bool:
        """Whether one client asks, and most of the time is its providers'."""
        return self.latency > 0 and self.connections == 1 and not self.callers

    def __str__(self) -> str:
        return f"{self.latency} ms, {self.connections} connections{', many callers' if self.callers else ''}"


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, in milliseconds and megabytes."""

    per_second: float
    p50: float
    p99: float
    cpu: float  # of all of the server's processes, per query
    memory: float  # at most, so far
    calls: float  # of providers, per query


Asked = tuple[str, Contender, Cell]  # the workload's name first
Results = dict[Asked, list[Figures]]  # one of each round
Medians = dict[Asked, Figures]


def medians(results: Results) -> Medians:
    """The median of each figure over the rounds."""
    return {
        asked: Figures(*(median(getattr(figures, field.name) for figures in rounds) for field in fields(Figures)))
        for asked, rounds in results.items()
    }
