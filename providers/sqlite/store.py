"""A store in a file of this host, which outlives the process. Several processes may use the same file."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import Context
from functools import partial
from pathlib import Path
from typing import TypeVar

from providers.store.guard import Guard, Reports
from providers.store.protocol import Lease

from .database import Database, Value
from .pending import Batch, PendingValues

T = TypeVar("T")
MAX_PENDING_BYTES = 32 * 1024 * 1024  # of values that wait to be written; longer ones are not stored
PENDING_FRACTION = 4  # and at most one part in so many of the file
MAX_COMMIT_WAIT = 0.5  # seconds for which a response waits until its values are written
_FAILURES = (sqlite3.Error, OSError, RuntimeError)  # RuntimeError: the thread has ended


def _reason(error: Exception) -> str:
    """Return the name of SQLite's error, or the text of the operating system's."""
    strerror: str | None = getattr(error, "strerror", None)
    return getattr(error, "sqlite_errorname", None) or strerror or type(error).__name__


_READS = Reports(
    lost="The cache on disk cannot be read. Each process uses its own memory.",
    restored="The cache on disk can be read again.",
    reason=_reason,
)
_WRITES = Reports(
    lost="The cache on disk cannot be written. What is read from now on does not survive a restart.",
    restored="The cache on disk can be written again.",
    reason=_reason,
)


class SqliteStore:
    """Keeps values in an SQLite file. One thread reads and writes it, so that the event loop never waits for the disk.

    A write is acknowledged when its transaction is committed. From then on it survives a kill of the process at any
    moment. A lease ends when its payload is acknowledged, or after MAX_COMMIT_WAIT; the write then continues. Every
    lease is granted: a process fetches each key once, and few processes use one file.
    """

    name, status = "cache on disk", "on disk"

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._database = Database(path, max_bytes)
        self._thread = ThreadPoolExecutor(1, self.name)
        self._reads = Guard(_READS, self._probe_reads, _FAILURES, max_commands=1)
        self._writes = Guard(_WRITES, self._probe_writes, _FAILURES, max_commands=1)
        self._pending = PendingValues(min(MAX_PENDING_BYTES, max_bytes // PENDING_FRACTION))
        self._writing: asyncio.Task[None] | None = None

    @property
    def is_reachable(self) -> bool:
        return self._reads.is_reachable and self._writes.is_reachable

    async def get(self, name: str) -> bytes | None:
        (value,) = await self.get_many([name])
        return value

    async def get_many(self, names: Sequence[str]) -> list[bytes | None]:
        values: list[bytes | None] | None = await self._reads.run(
            partial(self._in_thread, self._database.read, names), None
        )
        return [None] * len(names) if values is None else values

    def put_many(self, values: Mapping[str, bytes], seconds: float) -> None:
        self._put_many(values, seconds)

    async def flush(self) -> bool:
        """Wait until all writes are acknowledged, or have failed. Returns whether the store can be written then."""
        while self._writing is not None:
            await asyncio.wait([self._writing])
        return self._writes.is_reachable

    @asynccontextmanager
    async def lease(self, name: str) -> AsyncIterator[Lease]:
        lease = Lease(is_held=True)
        yield lease
        if lease.payload is not None:
            value, seconds = lease.payload
            batch = self._put_many({name: value}, seconds)
            if batch is not None:
                await asyncio.wait([batch.is_written], timeout=MAX_COMMIT_WAIT)

    async def ping(self) -> bool:
        return await self._reads.ping() and await self._writes.ping()

    async def close(self) -> None:
        await self.flush()
        await asyncio.gather(self._reads.close(), self._writes.close())
        await self._reads.run(partial(self._in_thread, self._database.close), None)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _put_many(self, values: Mapping[str, bytes], seconds: float) -> Batch | None:
        batch = self._pending.add(values, seconds)
        if batch is not None and self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_pending(), context=Context())
        return batch

    async def _write_pending(self) -> None:
        """Write one batch after the other, until no value waits."""
        try:
            while batch := self._pending.take():
                await self._writes.run(partial(self._in_thread, self._database.write, batch.values), None)
                batch.is_written.set_result(None)
        finally:
            self._writing = None

    async def _probe_reads(self) -> None:
        await self._in_thread(self._database.read, [""])

    async def _probe_writes(self) -> None:
        await self._in_thread(self._database.write, {"": Value(b"", time.time())})

    def _in_thread(self, work: Callable[..., T], *arguments: object) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
