"""Reload of the configuration when its file, or a file that it names, changes, or on SIGHUP.

An invalid file changes nothing.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import structlog

from providers.settings import KeyFile

from .loading import ConfigurationError, check_access, load
from .sandbox import log_mixture
from .settings import Settings

# A changed file is read only after it stayed unchanged for one interval; before, it may still be being written.
POLL_SECONDS = 0.5
# Keys of [server] until a restart.
_BOUND = "host", "port", "workers", "max_connections", "access_log", "compiled", "introspection"
_log = structlog.get_logger()
FileSignature = tuple[int, int, int]  # modification time in nanoseconds, size in bytes, inode
Signature = tuple[
    FileSignature | None, ...
]  # of the configuration file, then of the files that it names; None: it is missing
ApplySettings = Callable[[Settings], None]
WatchSettings = Callable[[ApplySettings], AbstractAsyncContextManager[None]]


class ConfigWatcher:
    """Watches the configuration file of a running service, and the files of keys and rates that it names."""

    def __init__(self, path: Path | None, settings: Settings, options: dict[str, object]) -> None:
        """`path` is None if the environment is the whole configuration: then only the files that it names change."""
        self._path, self._initial, self._options = path, settings, options
        # None at first, so that the file is read once more: it may have changed while the service started.
        self._loaded_signature: Signature | None = None
        self._signature: Signature | None = None  # at the last poll
        self._named_paths = _named_paths(settings)

    def poll(self, *, is_forced: bool) -> Settings | None:
        """Return the file's valid settings, which may be unchanged, or None if no file changed or one is invalid.

        To be called every `POLL_SECONDS`, and with `is_forced` after SIGHUP.
        """
        previous, self._signature = self._signature, _signature(self._path, self._named_paths)
        if is_forced:
            _log.info("SIGHUP received. The service reads the configuration again.")
        elif self._signature is None or self._signature != previous or self._signature == self._loaded_signature:
            return None
        self._loaded_signature = self._signature
        try:
            settings = load(self._path, sandbox=not self._initial.accounts, is_reload=True, **self._options)
            self._named_paths = _named_paths(settings)
            log_mixture(settings.accounts)
            return self._without_restart_only_changes(settings)
        except ConfigurationError as error:
            _log.error(
                "The new configuration is invalid. The previous one stays in use. Correct the file.", reason=str(error)
            )
        except Exception:  # noqa: BLE001 (a later version of the file may load)
            _log.exception("The new configuration could not be read. The previous one stays in use.")
        return None

    def _without_restart_only_changes(self, settings: Settings) -> Settings:
        """Return the settings that apply at once, with the rest as the service started with."""
        initial, server = self._initial, settings.server
        bound = {name: getattr(initial.server, name) for name in _BOUND}
        tables = {"cache": initial.cache, "metrics": initial.metrics, "server": server.model_copy(update=bound)}
        applicable = settings.model_copy(update=tables)
        if applicable != settings:
            _log.warning(f"A change of {', '.join(_BOUND)}, [cache] or [metrics] takes effect at the next start.")
        check_access(applicable)  # the address stays the same, whatever the file says now
        return applicable


@asynccontextmanager
async def watch(watcher: ConfigWatcher, apply: ApplySettings) -> AsyncIterator[None]:
    """Poll the file while entered, and call `apply` with settings that may have changed."""
    loop, sighup_received = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, sighup_received.set)
    poll_task = asyncio.create_task(_poll_forever(watcher, apply, sighup_received))
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        poll_task.cancel()
        await asyncio.wait([poll_task])


async def _poll_forever(watcher: ConfigWatcher, apply: ApplySettings, sighup_received: asyncio.Event) -> None:
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await sighup_received.wait()
        is_forced = sighup_received.is_set()
        sighup_received.clear()
        settings = await asyncio.to_thread(watcher.poll, is_forced=is_forced)
        if settings is not None:
            apply_settings(settings, apply)


def apply_settings(settings: Settings, apply: ApplySettings) -> None:
    """Call `apply`. An exception is logged, and the service continues with the previous settings."""
    try:
        apply(settings)
    except Exception:  # noqa: BLE001 (later settings may apply)
        _log.exception("The new configuration could not be applied. The previous one stays in use.")


def _named_paths(settings: Settings) -> tuple[Path, ...]:
    """Return the files that the configuration names, and whose content is part of the settings."""
    keys = (account.api_key for account in settings.accounts)
    key_files = (key.path for key in keys if isinstance(key, KeyFile))
    manifests = (manifest.path for manifest in settings.server.persisted_manifests)
    paths = (*manifests, *key_files, *settings.access.watched_paths, *settings.rates.files)
    return tuple(dict.fromkeys(paths))  # accounts may share a file


def _signature(config_path: Path | None, named_paths: Sequence[Path]) -> Signature | None:
    """Return a value that changes with one of the files. Returns None if the configuration file is missing."""
    signature = _file_signature(config_path) if config_path else (0, 0, 0)
    return None if signature is None else (signature, *map(_file_signature, named_paths))


def _file_signature(path: Path) -> FileSignature | None:
    """Return a value that changes with the file, also if another file or link target replaces it; None if missing."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
