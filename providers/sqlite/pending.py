"""Values that wait to be written. Each batch of them becomes one transaction."""

import asyncio
import time
from collections.abc import Mapping

import structlog

from providers.store.protocol import MAX_TTL_SECONDS

from .database import Value

LOG_INTERVAL = 60.0  # seconds between two log lines about values that are not stored
_log = structlog.get_logger()


class Batch:
    """The values of one transaction. `is_written` is done when it is committed, or has failed."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}
        self.is_written: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class PendingValues:
    """The next batch, bounded in bytes. While it is full, further values are dropped, which the log tells."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._batch: Batch | None = None
        self._bytes = 0
        self._dropped, self._next_log_at = 0, 0.0

    def add(self, values: Mapping[str, bytes], seconds: float) -> Batch | None:
        """Add values, and return their batch. Returns None if all are dropped. A newer value replaces an older one."""
        expires_at = time.time() + min(seconds, MAX_TTL_SECONDS)
        fitting = [(name, content) for name, content in values.items() if self._reserve(len(content))]
        if not fitting:
            return None
        if self._batch is None:
            self._batch = Batch()
        self._batch.values.update((name, Value(content, expires_at)) for name, content in fitting)
        return self._batch

    def take(self) -> Batch | None:
        """Return the batch, and begin the next one. Returns None if no value waits."""
        batch, self._batch, self._bytes = self._batch, None, 0
        return batch

    def _reserve(self, length: int) -> bool:
        """Count the bytes of a value. Returns False if they do not fit. The log has their number once a minute."""
        if self._bytes + length <= self._max_bytes:
            self._bytes += length
            return True
        self._dropped += 1
        now = time.monotonic()
        if now >= self._next_log_at:
            _log.warning(
                "Values are not stored on disk: they are too long, or the disk is too slow.", values=self._dropped
            )
            self._dropped, self._next_log_at = 0, now + LOG_INTERVAL
        return False
