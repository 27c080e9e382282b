"""The configuration's file, read again when it changes or SIGHUP asks; one that cannot be used changes nothing."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog

from .settings import ConfigurationError, Settings, load

POLL = 0.5  # seconds; a file is read when it has been the same for one of them, so not while it is being written
_log = structlog.get_logger()
Signature = tuple[int, int, int]


@asynccontextmanager
async def followed(path: Path, use: Callable[[Settings], None]) -> AsyncIterator[None]:
    """Gives `use` the settings in the file whenever they may be new."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, asked.set)
    following = asyncio.create_task(_follow(path, use, asked))
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        following.cancel()
        await asyncio.wait([following])


async def _follow(path: Path, use: Callable[[Settings], None], asked: asyncio.Event) -> None:
    read: Signature | None = None  # at first, since the file may have changed while the service started
    seen: Signature | None = None
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                await asked.wait()
        before, seen = seen, await asyncio.to_thread(_signature, path)
        if asked.is_set():
            _log.info("SIGHUP: the configuration is read again")
        if asked.is_set() or (seen is not None and seen == before and seen != read):
            asked.clear()
            read = seen
            await _reload(path, use)


async def _reload(path: Path, use: Callable[[Settings], None]) -> None:
    try:
        use(await asyncio.to_thread(load, path))
    except ConfigurationError as error:
        _log.error("the configuration is refused, and the one before it stays", reason=str(error))
    except Exception:  # noqa: BLE001 (whatever it is, the next file may be better)
        _log.exception("the configuration could not be put to use, and the one before it stays")


def _signature(path: Path) -> Signature | None:
    """Changes when the file does, also when another one, or the target of a link, takes its place."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
