"""`python -m benchmarks.soak`: prints a table of what must hold, and exits with 1 if something does not."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson

from . import normal
from .service import Service, run_service
from .verdict import MAX_GROWTH, Measurements, checks, format_table
from .wire import Target

QUIET_SHARE = 0.25  # of the whole time
WARM_UP_SECONDS = 3.0
MAX_SETTLE_SECONDS = 45  # for memory to return: the service gives slow clients 20 s


async def soak(seconds: float) -> Measurements:
    """Measure normal queries alone, then beside hostile clients and providers, then the memory that remains."""
    with tempfile.TemporaryDirectory() as folder:
        async with _run_upstream() as accounts, run_service(Path(folder), accounts) as service:
            target = Target(service.host, service.port)
            await normal.fill_caches(target)
            await normal.run(target, WARM_UP_SECONDS, service.pid)
            quiet = await normal.run(target, seconds * QUIET_SHARE, service.pid)
            quiet_bytes, report = service.resident_bytes(), dict[str, Any]()
            async with _hostile_clients(service, report):
                mixed = await normal.run(target, seconds * (1 - QUIET_SHARE), service.pid)
            remaining_bytes = await _settled_bytes(service, quiet_bytes)
            return Measurements(quiet, mixed, quiet_bytes, remaining_bytes, report, service.logged_errors())


@asynccontextmanager
async def _run_upstream() -> AsyncIterator[list[dict[str, Any]]]:
    """Run the providers, and yield the accounts at them."""
    async with _module("upstream") as process:
        assert process.stdout
        yield orjson.loads(await process.stdout.readline())


@asynccontextmanager
async def _hostile_clients(service: Service, report: dict[str, Any]) -> AsyncIterator[None]:
    """Run the hostile clients while entered. Then `report` has what they have seen."""
    async with _module("hostile", service.host, str(service.port)) as process:
        assert process.stdout
        await process.stdout.readline()  # it is ready
        yield
        process.terminate()
        out, _ = await process.communicate()
        report |= orjson.loads(out)


@asynccontextmanager
async def _module(name: str, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    command = (sys.executable, "-m", f"{__package__}.{name}", *arguments)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, limit=2**20)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _settled_bytes(service: Service, quiet_bytes: int) -> int:
    """Return the memory when it has returned, or after MAX_SETTLE_SECONDS."""
    for _ in range(MAX_SETTLE_SECONDS):
        if service.resident_bytes() <= MAX_GROWTH * quiet_bytes:
            break
        await asyncio.sleep(1)
    return service.resident_bytes()


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for both runs; then memory has time to return")
    measured = asyncio.run(soak(parser.parse_args().seconds))
    sys.stdout.write(format_table(measured))
    sys.exit(not all(check.holds for check in checks(measured)))


if __name__ == "__main__":
    main()
