"""The configuration's file, read again when it changes or SIGHUP asks; one that cannot be used changes nothing."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import structlog

from .settings import ConfigurationError, Settings, load

POLL_SECONDS = (
    0.5  # seconds; a file is read when it has been the same for one of them, so not while it is being written
)
_log = structlog.get_logger()
FileSignature = tuple[int, int, int]
ApplySettings = Callable[[Settings], None]
WatchSettings = Callable[[ApplySettings], AbstractAsyncContextManager[None]]


class ConfigWatcher:
    """A file that the settings of a running service are from."""

    def __init__(self, path: Path, settings: Settings, options: dict[str, object]) -> None:
        self._path, self._first, self._options = path, settings, options
        self._read: FileSignature | None = None  # at first, since the file may have changed while the service started
        self._seen: FileSignature | None = None

    def poll(self, *, asked: bool) -> Settings | None:
        """Settings that may be new and can be used; to be called every POLL seconds, and when one `asked`."""
        before, self._seen = self._seen, _signature(self._path)
        if asked:
            _log.info("SIGHUP: the configuration is read again")
        elif self._seen is None or self._seen != before or self._seen == self._read:
            return None
        self._read = self._seen
        try:
            return self._usable(load(self._path, **self._options))
        except ConfigurationError as error:
            _log.error("the configuration is refused, and the one before it stays", reason=str(error))
        except Exception:  # noqa: BLE001 (whatever it is, the next file may be better)
            _log.exception("the configuration could not be read, and the one before it stays")
        return None

    def _usable(self, settings: Settings) -> Settings:
        """What is bound at the start stays what it was."""
        first, server = self._first, settings.server
        bound = {name: getattr(first.server, name) for name in ("host", "port", "workers")}
        kept = settings.model_copy(update={"cache": first.cache, "server": server.model_copy(update=bound)})
        if kept != settings:
            _log.warning("another host, port, number of workers or cache takes effect at the next start")
        return kept


@asynccontextmanager
async def watch(file: ConfigWatcher, use: ApplySettings) -> AsyncIterator[None]:
    """Gives `use` the settings in the file whenever they may be new."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, asked.set)
    following = asyncio.create_task(_follow(file, use, asked))
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        following.cancel()
        await asyncio.wait([following])


async def _follow(file: ConfigWatcher, use: ApplySettings, asked: asyncio.Event) -> None:
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await asked.wait()
        by_signal = asked.is_set()
        asked.clear()
        settings = await asyncio.to_thread(file.poll, asked=by_signal)
        if settings is not None:
            apply_settings(settings, use)


def apply_settings(settings: Settings, use: ApplySettings) -> None:
    try:
        use(settings)
    except Exception:  # noqa: BLE001 (whatever it is, the next settings may be better)
        _log.exception("the configuration could not be put to use, and the one before it stays")


def _signature(path: Path) -> FileSignature | None:
    """Changes when the file does, also when another one, or the target of a link, takes its place."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
