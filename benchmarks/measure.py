"""Rounds in which everyone is started anew, checked, warmed up and measured, one after the other."""

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
from .load import load
from .process import Failed, Server
from .upstream import Upstream
from .workloads import Workload

_WARM = 1.0  # seconds before each measurement
_ENOUGH, _LONGER = 2, 5  # answers for each connection; times the usual time, where there were fewer
_TWICE = 20  # times that a call after another is measured
_SHORTER = 0.95  # times what an answer should take: shorter ones are no answers


class Bench:
    """One run over a simulator."""

    def __init__(self, upstream: Upstream, seconds: float, folder: Path, say: Callable[[str], None]) -> None:
        self._upstream, self._seconds, self._folder, self._say = upstream, seconds, folder, say
        self._expected: dict[str, Any] = {}  # the data that everyone's answer has to have
        self.failures: dict[str, str] = {}
        self.results: Results = defaultdict(list)

    def round(self, workload: Workload, contenders: Mapping[Contender, Sequence[Cell]]) -> None:
        """Everyone once; who cannot be measured is left out from then on."""
        for contender, chosen in contenders.items():
            what = f"{workload.name}, {contender.title}"
            if what in self.failures:
                continue
            with self._noting(what), contender.serving(workload, self._upstream, self._folder) as (server, apart):
                self._measure(workload, contender, chosen, server, apart)
        for cell in {cell for cells in contenders.values() for cell in cells if cell.is_patient}:
            self.results[workload.name, TWO_CALLS, cell].append(self._two_calls(cell))

    def _two_calls(self, cell: Cell) -> Figures:
        """What it takes at least to answer what needs a call after another."""
        self._upstream.begin(cell.latency)
        took = sorted(self._upstream.two_calls(_TWICE))
        return Figures(1_000 / mean(took), median(took), took[-1], cpu=0, memory=0, calls=2)

    @contextmanager
    def _noting(self, what: str) -> Iterator[None]:
        try:
            yield
        except (Failed, httpx.HTTPError, subprocess.SubprocessError) as failure:
            self.failures[what] = str(failure)
            self._say(f"{what}: not measured: {failure}")

    def _measure(
        self, workload: Workload, contender: Contender, cells: Sequence[Cell], server: Server, apart: list[str]
    ) -> None:
        with httpx.Client(timeout=60, trust_env=False) as client:
            bodies = workload.bodies(lambda body: self._data(client, server, body)[0], apart)
            size = self._check(client, server, workload, bodies)
            for cell in cells:
                what = f"{workload.name}, {contender.title}, {cell}"
                with self._noting(what):
                    figures = self._figures(server, bodies[: 2 * cell.connections] if apart else bodies, cell, size)
                    self.results[workload.name, contender, cell].append(figures)
                    self._say(f"{what}: {figures.per_second:.1f}/s")
            self._check(client, server, workload, bodies)

    def _figures(self, server: Server, bodies: list[bytes], cell: Cell, size: float) -> Figures:
        """Of the usual time, or of a longer one where too little was answered in it."""
        self._upstream.begin(cell.latency)
        load(server.url, bodies, cell.connections, _WARM, callers=cell.callers)
        for seconds in (self._seconds, _LONGER * self._seconds):
            server.settle()
            self._upstream.begin(cell.latency)
            before = server.cpu()
            did = load(server.url, bodies, cell.connections, seconds, callers=cell.callers)
            cpu, calls = server.cpu() - before, sum(self._upstream.begin().values())
            if did.requests >= _ENOUGH * cell.connections:
                break
        if did.failures or not did.requests or did.bytes < _SHORTER * size * did.requests:
            raise Failed(f"{did.failures} failures and {did.bytes} bytes in {did.requests} responses")
        return Figures(
            per_second=did.requests / did.seconds,
            p50=did.p50,
            p99=did.p99,
            cpu=cpu * 1_000 / did.requests,
            memory=server.peak_megabytes(),
            calls=calls / did.requests,
        )

    def _check(self, client: httpx.Client, server: Server, workload: Workload, bodies: list[bytes]) -> float:
        """That it answers like everyone else; how many bytes an answer has."""
        answers = [self._data(client, server, body) for body in bodies[: len(bodies) if workload.every_page else 1]]
        said = [data for data, _ in answers]
        if said != self._expected.setdefault(workload.name, said):
            raise Failed("its data differs from that of the other servers")
        return mean(size for _, size in answers)

    def _data(self, client: httpx.Client, server: Server, body: bytes) -> tuple[Any, int]:
        response = client.post(server.url, content=body, headers={"Content-Type": "application/json"})
        answer = _read(response.content) if response.is_success else {"errors": response.text}
        if "errors" in answer:
            raise Failed(f"it responds with {response.status_code}: {str(answer['errors'])[:300]}")
        return answer["data"], len(response.content)


def _read(body: bytes) -> Any:
    """Numbers by their digits: one server writes an amount as a number, the next as a text."""
    return json.loads(body, parse_float=str, parse_int=str)
