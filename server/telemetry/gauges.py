"""Gauges: what the service does at this moment. They are read once a second, and before a scrape."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from providers.observer import CacheCounts
from server.accounts import AccountConnections
from server.operations.runner import OperationRunner

from .metrics import Metrics
from .operation_metrics import OperationMetrics

INTERVAL_SECONDS = 1.0
_STATM = Path("/proc/self/statm")  # sizes in pages; the second one is resident


class Gauges:
    """Reads the state of one process, and adds plain numbers up that were counted since the last time."""

    def __init__(
        self,
        metrics: Metrics,
        operations: OperationMetrics,
        runner: OperationRunner,
        connections: AccountConnections,
        worker: int,
    ) -> None:
        self._metrics, self._operations, self._worker = metrics, operations, str(worker)
        self._runner, self._connections = runner, connections
        self._counted = CacheCounts()

    def refresh(self) -> None:
        metrics, runner, cache = self._metrics, self._runner, self._connections.cache
        self._operations.flush()
        metrics.running.set(runner.executions.admission.running)
        metrics.waiting.set(runner.executions.admission.waiting)
        metrics.streams.set(runner.streams.slots.taken)
        metrics.cache_bytes.set(cache.bytes)
        if _STATM.exists():
            pages = int(_STATM.read_text().split()[1])
            metrics.memory.labels(self._worker).set(pages * os.sysconf("SC_PAGE_SIZE"))
        counts = msgspec.structs.asdict(cache.counts)
        for result, number in counts.items():
            metrics.cache_lookups.labels(result).inc(number - getattr(self._counted, result))
        self._counted = CacheCounts(**counts)

    @asynccontextmanager
    async def refreshed(self) -> AsyncIterator[None]:
        """Refresh again and again while entered, and once more at the end."""
        task = asyncio.create_task(self._refresh_forever())
        try:
            yield
        finally:
            task.cancel()
            self.refresh()

    async def _refresh_forever(self) -> None:
        while True:
            self.refresh()
            await asyncio.sleep(INTERVAL_SECONDS)
