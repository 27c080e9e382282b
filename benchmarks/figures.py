"""Measured figures, and the load that they were measured under."""

from dataclasses import dataclass, fields
from statistics import median

from .contenders import Contender


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A load on a server."""

    latency: int  # milliseconds of a provider call
    connections: int
    callers: bool = False  # each request has another caller

    @property
    def is_provider_bound(self) -> bool:
        """Whether one client sends requests and mostly waits for providers."""
        return self.latency > 0 and self.connections == 1 and not self.callers

    def __str__(self) -> str:
        return f"{self.latency} ms, {self.connections} connections{', many callers' if self.callers else ''}"


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one measurement, in milliseconds and megabytes."""

    per_second: float  # requests
    p50: float
    p99: float
    cpu: float  # of all processes of the server, per query
    memory: float  # peak since the start
    calls: float  # provider calls per query


MeasurementKey = tuple[str, Contender, Cell]  # the first is the name of the workload
Results = dict[MeasurementKey, list[Figures]]  # one per round
Medians = dict[MeasurementKey, Figures]


def compute_medians(results: Results) -> Medians:
    """Return the median of each figure over the rounds."""
    return {
        key: Figures(*(median(getattr(figures, field.name) for figures in rounds) for field in fields(Figures)))
        for key, rounds in results.items()
    }
