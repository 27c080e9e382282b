"""kill -9 in the middle of writes. KILLS=200 sets how often."""

import asyncio
import os
import random
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
import structlog

from providers.sqlite.store import SqliteStore

from .writer import MAX_BYTES, content, name

KILLS = int(os.environ.get("KILLS", "20"))
KILLS_OF_ONE_FILE = 10
WRITERS = ("one", "two")  # processes that write to the same file


async def _write_until_killed(path: Path, writer: str, number: int) -> int:
    """Start a program that writes from this number on, and kill it. Returns the last acknowledged number."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.providers.sqlite.writer", str(path), writer, str(number)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    lines = [await process.stdout.readline() for _ in range(random.randint(1, 20))]  # the first one: it has started
    await asyncio.sleep(random.uniform(0, 0.02))
    process.kill()
    rest, _ = await process.communicate()
    *complete_lines, _ = (b"".join(lines) + rest).split(b"\n")
    return int(complete_lines[-1])


async def _values(path: Path, names: list[str]) -> list[bytes | None]:
    with structlog.testing.capture_logs() as logs:
        store = SqliteStore(path, MAX_BYTES)
        values = [value for part in _batched(names) for value in await store.get_many(part)]
        await store.close()
    assert logs == []
    return values


def _batched(names: list[str], length: int = 500) -> list[list[str]]:
    return [names[first : first + length] for first in range(0, len(names), length)]


@pytest.mark.exclusive
@pytest.mark.parametrize("round", range(KILLS // KILLS_OF_ONE_FILE))
async def test_no_acknowledged_write_is_lost_by_kill(tmp_path: Path, round: int) -> None:
    path, acknowledged = tmp_path / "cache.sqlite", dict.fromkeys(WRITERS, 0)
    for _ in range(KILLS_OF_ONE_FILE):
        runs = [_write_until_killed(path, writer, acknowledged[writer] + 1) for writer in WRITERS]
        acknowledged = dict(zip(WRITERS, await asyncio.gather(*runs), strict=True))

        writes = [(writer, number) for writer in WRITERS for number in range(1, acknowledged[writer] + 1)]
        values = await _values(path, [name(writer, number) for writer, number in writes])
        assert values == [content(number) for _, number in writes]
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert min(acknowledged.values()) > KILLS_OF_ONE_FILE
