"""A program that writes to a store until it is killed. It prints the number of each write that is acknowledged."""

import asyncio
import math
import random
import sys
from pathlib import Path

from providers.sqlite.store import SqliteStore

MAX_BYTES = 512 * 1024 * 1024


def name(writer: str, number: int) -> str:
    return f"{writer} {number}"


def content(number: int) -> bytes:
    """Return the value of a write: of another length each time, from a few bytes to some pages."""
    return str(number).encode() * random.Random(number).randint(1, 5_000)


async def write(path: Path, writer: str, number: int) -> None:
    store = SqliteStore(path, MAX_BYTES)
    while await store.flush():
        print(number - 1, flush=True)  # noqa: T201
        for _ in range(random.randint(1, 40)):
            store.put_many({name(writer, number): content(number)}, math.inf)
            number += 1


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
