"""Measurement rounds: each server is restarted, checked, warmed up and measured, one after the other."""

import json
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import mean, median
from typing import Any

import httpx

from .contenders import TWO_CALLS, Contender
from .figures import Cell, Figures, Results
from .load import run_load
from .process import MeasurementError, Server
from .upstream import Upstream
from .workloads import Workload

_WARM_UP_SECONDS = 1.0  # before each measurement
_MIN_RESPONSES = 2  # per connection; with fewer the measurement is repeated for a longer time
_EXTENSION = 5  # times the usual duration, for the repetition
_TWO_CALLS_SAMPLES = 20
_MIN_SIZE = 0.95  # of the expected response size, on average; smaller responses are errors


class Bench:
    """A benchmark run against one simulator of the providers. `seconds` is the duration of one measurement."""

    def __init__(self, upstream: Upstream, seconds: float, folder: Path, log: Callable[[str], None]) -> None:
        self._upstream, self._seconds, self._folder, self._log = upstream, seconds, folder, log
        self._expected: dict[str, Any] = {}  # by workload: the data that every server must return
        self.failures: dict[str, str] = {}
        self.results: Results = defaultdict(list)

    def run_round(self, workload: Workload, contenders: Mapping[Contender, Sequence[Cell]]) -> None:
        """Measure each server once. One that fails is left out of the later rounds."""
        for contender, cells in contenders.items():
            label = f"{workload.name}, {contender.title}"
            if label in self.failures:
                continue
            with (
                self._record_failure(label),
                contender.run(workload, self._upstream, self._folder) as (server, account_ids),
            ):
                self._measure(workload, contender, cells, server, account_ids)
        for cell in {cell for cells in contenders.values() for cell in cells if cell.is_provider_bound}:
            self.results[workload.name, TWO_CALLS, cell].append(self._two_calls(cell))

    def _two_calls(self, cell: Cell) -> Figures:
        """Measure two sequential calls: the least time of a response that needs both."""
        self._upstream.reset(cell.latency)
        latencies = sorted(self._upstream.two_calls(_TWO_CALLS_SAMPLES))
        return Figures(1_000 / mean(latencies), median(latencies), latencies[-1], cpu=0, memory=0, calls=2)

    @contextmanager
    def _record_failure(self, label: str) -> Iterator[None]:
        """Record an error under this label instead of raising it."""
        try:
            yield
        except (MeasurementError, httpx.HTTPError, subprocess.SubprocessError) as failure:
            self.failures[label] = str(failure)
            self._log(f"{label}: not measured: {failure}")

    def _measure(
        self, workload: Workload, contender: Contender, cells: Sequence[Cell], server: Server, account_ids: list[str]
    ) -> None:
        with httpx.Client(timeout=60, trust_env=False) as client:
            bodies = workload.bodies(lambda body: self._data(client, server, body)[0], account_ids)
            size = self._check(client, server, workload, bodies)
            for cell in cells:
                label = f"{workload.name}, {contender.title}, {cell}"
                with self._record_failure(label):
                    cell_bodies = bodies[: 2 * cell.connections] if account_ids else bodies
                    figures = self._figures(server, cell_bodies, cell, size)
                    self.results[workload.name, contender, cell].append(figures)
                    self._log(f"{label}: {figures.per_second:.1f}/s")
            self._check(client, server, workload, bodies)

    def _figures(self, server: Server, bodies: list[bytes], cell: Cell, size: float) -> Figures:
        """Measure for the usual duration, and for a longer one if there were too few responses."""
        self._upstream.reset(cell.latency)
        run_load(server.url, bodies, cell.connections, _WARM_UP_SECONDS, callers=cell.callers)
        for seconds in (self._seconds, _EXTENSION * self._seconds):
            server.settle()
            self._upstream.reset(cell.latency)
            cpu_before = server.cpu()
            result = run_load(server.url, bodies, cell.connections, seconds, callers=cell.callers)
            cpu, calls = server.cpu() - cpu_before, sum(self._upstream.reset().values())
            if result.requests >= _MIN_RESPONSES * cell.connections:
                break
        if result.failures or not result.requests or result.bytes < _MIN_SIZE * size * result.requests:
            raise MeasurementError(
                f"{result.failures} failures and {result.bytes} bytes in {result.requests} responses"
            )
        return Figures(
            per_second=result.requests / result.seconds,
            p50=result.p50,
            p99=result.p99,
            cpu=cpu * 1_000 / result.requests,
            memory=server.peak_megabytes(),
            calls=calls / result.requests,
        )

    def _check(self, client: httpx.Client, server: Server, workload: Workload, bodies: list[bytes]) -> float:
        """Compare the data with that of the other servers. Returns the mean size of a response in bytes."""
        responses = [self._data(client, server, body) for body in bodies[: len(bodies) if workload.every_page else 1]]
        data = [data for data, _ in responses]
        if data != self._expected.setdefault(workload.name, data):
            raise MeasurementError("its data differs from that of the other servers")
        return mean(size for _, size in responses)

    def _data(self, client: httpx.Client, server: Server, body: bytes) -> tuple[Any, int]:
        """Return the data of a response and its size in bytes."""
        response = client.post(server.url, content=body, headers={"Content-Type": "application/json"})
        payload = _parse_json(response.content) if response.is_success else {"errors": response.text}
        if "errors" in payload:
            raise MeasurementError(f"it responds with {response.status_code}: {str(payload['errors'])[:300]}")
        return payload["data"], len(response.content)


def _parse_json(body: bytes) -> Any:
    """Parse JSON with numbers as text: some servers write an amount as a number, others as a string."""
    return json.loads(body, parse_float=str, parse_int=str)
