"""Stores in a file, and what tests do to the file behind their back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from providers.sqlite.store import SqliteStore

MEGABYTE = 1024 * 1024
HOUR = 3600.0


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
