"""Files that are damaged, of another version, replaced or deleted: they are set aside, with one line in the log."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import structlog

from .files import HOUR, content_of, create, delete, opened, overwrite, put, size_of

DAMAGED = "The file of the cache on disk is damaged. It is set aside, and an empty one is used."
OTHER_VERSION = "The file of the cache on disk is of another version. It is set aside, and an empty one is used."


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
