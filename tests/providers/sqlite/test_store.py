"""The store in a file: what it keeps, and its bounds."""

import asyncio
import math
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import structlog

from .files import HOUR, MEGABYTE, content_of, create, opened, put, size_of


async def test_values_survive_the_process(path: Path) -> None:
    await put(path, one=b"1", two=b"2")
    await put(path, two=b"22")

    async with opened(path) as store:
        assert await store.get_many(["one", "two", "three"]) == [b"1", b"22", None]


async def test_the_end_of_a_lease_means_it_is_written(path: Path) -> None:
    async with opened(path) as store:
        assert await store.get("one") is None
        async with store.lease("one") as lease:
            assert lease.is_held
            lease.payload = b"1", HOUR
        with closing(sqlite3.connect(path)) as connection:  # at once: no other task runs between
            assert connection.execute("SELECT value FROM entries").fetchall() == [(b"1",)]


async def test_an_expired_value_is_absent(path: Path) -> None:
    async with opened(path) as store:
        store.put_many({"old": b"1"}, -1)
        store.put_many({"new": b"2"}, HOUR)
        store.put_many({"lasting": b"3"}, math.inf)
        assert await store.flush()
        assert await store.get_many(["old", "new", "lasting"]) == [None, b"2", b"3"]


async def test_only_the_owner_can_read_the_files(path: Path) -> None:
    create(path, b"", 0o644)
    async with opened(path) as store:
        store.put_many({"one": b"1"}, HOUR)
        assert await store.flush()
        files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert files == dict.fromkeys(("cache.sqlite", "cache.sqlite-wal", "cache.sqlite-shm", "cache.sqlite.lock"), 0o600)


async def test_names_are_not_in_the_file(path: Path) -> None:
    await put(path, **{"https://provider.example account": b"1"})

    assert b"provider.example" not in content_of(path)


async def test_a_value_that_is_too_long_is_absent(path: Path) -> None:
    await put(path, one=b"1", two=b"2")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE entries SET value = zeroblob(70000000) WHERE value = CAST('1' AS BLOB)")
        connection.commit()

    async with opened(path, 128 * MEGABYTE) as store:
        assert await store.get_many(["one", "two"]) == [None, b"2"]


async def test_the_file_is_bounded_and_keeps_what_lasts(path: Path) -> None:
    sizes = []
    async with opened(path, 2 * MEGABYTE) as store:
        store.put_many({"baseline": b"0"}, math.inf)
        for number in range(400):
            store.put_many({f"{number}": bytes(50_000)}, HOUR + number)
            assert await store.flush()
            sizes.append(size_of(path))
        present = [await store.get(f"{number}") is not None for number in range(400)]
        assert await store.get("baseline") == b"0"
        assert size_of(path.with_name("cache.sqlite-wal")) < 8 * MEGABYTE

    assert max(sizes) <= 2 * MEGABYTE
    assert sum(present) > 25
    assert present == sorted(present)  # the newest


async def test_a_lower_bound_shortens_the_file(path: Path) -> None:
    async with opened(path) as store:
        store.put_many({"baseline": b"0"}, math.inf)
        store.put_many({f"{number}": bytes(50_000) for number in range(200)}, HOUR)
        assert await store.flush()

    async with opened(path, 2 * MEGABYTE) as store:
        assert await store.get("baseline") == b"0"
        assert await store.ping()
    assert size_of(path) <= 2 * MEGABYTE


async def test_values_beyond_the_queue_are_dropped(path: Path) -> None:
    """Another program holds the write lock. The event loop goes on, and the log tells what is not stored."""
    async with opened(path, 4 * MEGABYTE) as store:
        assert await store.ping()
        with closing(sqlite3.connect(path)) as connection, structlog.testing.capture_logs() as logs:
            connection.execute("BEGIN IMMEDIATE")
            store.put_many({"one": bytes(1_000)}, HOUR)
            await asyncio.sleep(0.05)  # the thread waits for the lock
            store.put_many({f"{number}": bytes(100_000) for number in range(30)}, HOUR)
            connection.rollback()
            assert await store.flush()
        present = [await store.get(f"{number}") is not None for number in range(30)]

    assert sum(present) == 10
    event = "Values are not stored on disk: they are too long, or the disk is too slow."
    assert [(log["event"], log["values"]) for log in logs] == [(event, 1)]


async def test_a_locked_file_can_still_be_read(path: Path) -> None:
    await put(path, one=b"1")
    async with opened(path) as store:
        assert await store.ping()
        with closing(sqlite3.connect(path)) as connection, structlog.testing.capture_logs() as logs:
            connection.execute("BEGIN IMMEDIATE")
            store.put_many({"two": b"2"}, HOUR)
            assert not await store.flush()
            assert await store.get("one") == b"1"
            assert not store.is_reachable
            connection.rollback()
        async with asyncio.timeout(10):
            while not await store.ping():  # noqa: ASYNC110 (no event to wait for)
                await asyncio.sleep(0.05)
    event = "The cache on disk cannot be written. What is read from now on does not survive a restart."
    assert logs == [{"event": event, "reason": "SQLITE_BUSY", "log_level": "warning"}]


async def test_a_path_that_cannot_be_opened_is_reported(tmp_path: Path) -> None:
    async with opened(tmp_path / "absent" / "cache.sqlite") as store:
        with structlog.testing.capture_logs() as logs:
            assert await store.get("one") is None
            assert not await store.ping()
    event = "The cache on disk cannot be read. Each process uses its own memory."
    assert logs == [{"event": event, "reason": "No such file or directory", "log_level": "warning"}]
