"""Normal clients, and a probe of `/healthz`: they measure how long the service takes."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

from .wire import Response, Target, request

ACCOUNTS = '["fastly/sandbox-fastly", "spectrocloud/sandbox-palette", "archera/sandbox-archera"]'
FILTER = f"filterBy: {{accounts: {ACCOUNTS}}}"
QUERIES = (  # `#` is the size of a page, so that not all responses come from the cache
    f"{{ invoices(first: #, {FILTER}) {{ nodes {{ id number total {{ amount currency }} }} coverage {{ status }} }} }}",
    f"{{ invoices(first: 3, {FILTER}) {{ nodes {{ id lineItems(first: #) {{ nodes {{ id description }} }} }} }} }}",
    f"{{ monthToDate(accounts: {ACCOUNTS}) {{ nodes {{ id total {{ amount }} }} coverage {{ status }} }} }}",
    "{ accounts { id health { status } } }",
)
DOCUMENTS = 130  # of 2,200 characters: more than the service retains
CLIENTS, PAUSE_SECONDS, PROBE_SECONDS = 4, 0.03, 0.02


class Traffic:
    """What the normal clients have measured, in seconds."""

    def __init__(self) -> None:
        self.query_seconds: list[float] = []
        self.probe_seconds: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.failures: list[str] = []
        self.busy = self.stalled = 0.0  # shares of the time in which the service ran, and waited for a CPU

    def p99(self) -> float:
        return _percentile(self.query_seconds, 0.99)

    def slowest_probe(self) -> float:
        return max(self.probe_seconds, default=0.0)


async def fill_caches(target: Target) -> None:
    """Fill the cache of parsed documents, whose bound is fixed: later documents then replace others."""
    for number in range(DOCUMENTS):
        fields = " ".join(f"a{number}_{index}: id" for index in range(190))
        await target.query(f"{{ accounts {{ {fields} }} }}")


async def run(target: Target, seconds: float, pid: int) -> Traffic:
    """Send normal queries and probes for some seconds. `pid`: the process of the service."""
    traffic, numbers = Traffic(), count()
    clients = [_query_repeatedly(target, traffic, pid, numbers) for _ in range(CLIENTS)]
    tasks = [asyncio.create_task(each) for each in (*clients, _probe_repeatedly(target, traffic, pid))]
    before = _scheduled(f"/proc/{pid}/schedstat")
    await asyncio.sleep(seconds)
    after = _scheduled(f"/proc/{pid}/schedstat")
    traffic.busy, traffic.stalled = (
        (after.running - before.running) / seconds,
        (after.waiting - before.waiting) / seconds,
    )
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    if error := next((each for each in results if isinstance(each, Exception)), None):
        raise error
    return traffic


async def _query_repeatedly(target: Target, traffic: Traffic, pid: int, numbers: "count[int]") -> None:
    while True:
        number = next(numbers)
        document = QUERIES[number % len(QUERIES)].replace("#", str(1 + number % 50))
        stopwatch = Stopwatch(pid)
        response = await _attempt(target, document)
        traffic.query_seconds.append(stopwatch.seconds())
        traffic.statuses[response.status] += 1
        if response.is_failure or response.status == 0 or b'"errors"' in response.body:
            traffic.failures.append(f"{response.status} {response.body[:200].decode(errors='replace')}")
        await asyncio.sleep(PAUSE_SECONDS)


async def _attempt(target: Target, document: str) -> Response:
    """Return the response. Its status is 0 if there is none."""
    with suppress(OSError, TimeoutError):
        return await target.query(document)
    return Response(0, {}, b"")


async def _probe_repeatedly(target: Target, traffic: Traffic, pid: int) -> None:
    while True:
        stopwatch = Stopwatch(pid)
        async with target.connect() as connection:
            await connection.send(request("GET", "/healthz"))
            response = await connection.response()
        traffic.probe_seconds.append(stopwatch.seconds())
        if response.status != 200:
            traffic.failures.append(f"/healthz: {response.status}")
        await asyncio.sleep(PROBE_SECONDS)


class Stopwatch:
    """Measures a response, without the time in which the service or this process waited for a CPU of the machine."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._stalled, self._start = self._stalled_seconds(), time.perf_counter()

    def seconds(self) -> float:
        return max(0.0, time.perf_counter() - self._start - (self._stalled_seconds() - self._stalled))

    def _stalled_seconds(self) -> float:
        return sum(_scheduled(f"/proc/{pid}/schedstat").waiting for pid in (self._pid, "self"))


class Scheduled(NamedTuple):
    """Seconds in which the event loop of a process ran, and in which it was ready and waited for a CPU."""

    running: float
    waiting: float


def _scheduled(path: str) -> Scheduled:
    """Return zeros where the system does not tell it."""
    with suppress(OSError):
        running, waiting, _ = Path(path).read_text(encoding="ascii").split()
        return Scheduled(int(running) / 1e9, int(waiting) / 1e9)
    return Scheduled(0, 0)


def _percentile(seconds: Sequence[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
