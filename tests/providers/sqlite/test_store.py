"""The store in a file: what it keeps, its bounds, and files that it cannot use."""

import asyncio
import math
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
import structlog

from providers.sqlite.store import SqliteStore

MEGABYTE = 1024 * 1024
HOUR = 3600.0
DAMAGED = "The file of the cache on disk is damaged. It is set aside, and an empty one is used."
OTHER_VERSION = "The file of the cache on disk is of another version. It is set aside, and an empty one is used."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite"


@asynccontextmanager
async def opened(path: Path, max_bytes: int = 64 * MEGABYTE) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(path, max_bytes)
    try:
        yield store
    finally:
        await store.close()


async def put(path: Path, **values: bytes) -> None:
    async with opened(path) as store:
        store.put_many(values, HOUR)
        assert await store.flush()


def create(path: Path, content: bytes, mode: int = 0o600) -> None:
    path.write_bytes(content)
    path.chmod(mode)


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def delete(path: Path) -> None:
    path.unlink()


def size_of(path: Path) -> int:
    return path.stat().st_size


def overwrite(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


async def test_values_survive_the_process(path: Path) -> None:
    await put(path, one=b"1", two=b"2")
    await put(path, two=b"22")

    async with opened(path) as store:
        assert await store.get_many(["one", "two", "three"]) == [b"1", b"22", None]


async def test_the_end_of_a_lease_means_it_is_written(path: Path) -> None:
    async with opened(path) as store, opened(path) as other:
        async with store.lease("one") as lease:
            assert lease.is_held
            lease.payload = b"1", HOUR
        assert await other.get("one") == b"1"


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


@pytest.mark.parametrize("content", [b"junk" * 5_000, b"SQLite format 3\0" + b"\xff" * 10_000])
async def test_a_damaged_file_is_set_aside(path: Path, content: bytes) -> None:
    create(path, content)
    with structlog.testing.capture_logs() as logs:
        await put(path, one=b"1")

    target = path.with_name("cache.sqlite.set-aside")
    assert content_of(target) == content
    assert logs == [{"event": DAMAGED, "file": str(target), "log_level": "warning"}]
    async with opened(path) as store:
        assert await store.get("one") == b"1"


async def test_a_truncated_file_is_set_aside(path: Path) -> None:
    await put(path, **{f"{number}": b"x" * 10_000 for number in range(100)})
    with path.open("r+b") as file:
        file.truncate(20_000)

    with structlog.testing.capture_logs() as logs:
        async with opened(path) as store:
            assert await store.get_many([f"{number}" for number in range(100)]) == [None] * 100
            store.put_many({"one": b"1"}, HOUR)
            assert await store.flush()
            assert await store.get("one") == b"1"
    assert [log["event"] for log in logs] == [DAMAGED]


async def test_damage_that_is_found_later_sets_it_aside(path: Path) -> None:
    await put(path, **{f"{number}": b"x" * 10_000 for number in range(100)})
    async with opened(path) as store:
        assert await store.ping()
        overwrite(path, 4096, b"\xff" * (size_of(path) - 4096))
        with structlog.testing.capture_logs() as logs:
            assert await store.get_many([f"{number}" for number in range(100)]) == [None] * 100
            store.put_many({"one": b"1"}, HOUR)
            assert await store.flush()
    assert [log["event"] for log in logs] == [DAMAGED]
    async with opened(path) as store:
        assert await store.get("one") == b"1"


@pytest.mark.parametrize("statement", ["PRAGMA user_version = 2", "CREATE TABLE more (id)", "DROP TABLE entries"])
async def test_a_file_of_another_version_is_set_aside(path: Path, statement: str) -> None:
    await put(path, one=b"1")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)

    with structlog.testing.capture_logs() as logs:
        async with opened(path) as store:
            assert await store.get("one") is None
            assert await store.ping()
    assert [log["event"] for log in logs] == [OTHER_VERSION]


async def test_processes_agree_on_the_new_file(path: Path) -> None:
    """One sets the file aside while others have it open. None of them deletes the write-ahead log of the new one."""
    async with opened(path) as one, opened(path) as other:
        assert [await store.ping() for store in (one, other)] == [True, True]
        other.put_many({"before": b"1"}, HOUR)
        assert await other.flush()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA user_version = 2")
        async with opened(path) as newer:
            newer.put_many({"after": b"2"}, HOUR)
            assert await newer.flush()
            assert [await store.get("after") for store in (one, other)] == [b"2", b"2"]
            other.put_many({"later": b"3"}, HOUR)
            assert await other.flush()
            assert [await store.get("later") for store in (one, newer)] == [b"3", b"3"]
    async with opened(path) as store:
        assert await store.get_many(["before", "after", "later"]) == [None, b"2", b"3"]


async def test_a_deleted_file_is_created_again(path: Path) -> None:
    async with opened(path) as store:
        assert await store.ping()
        delete(path)
        store.put_many({"one": b"1"}, HOUR)
        assert await store.flush()
        assert await store.get("one") == b"1"
    async with opened(path) as store:
        assert await store.get("one") == b"1"


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
