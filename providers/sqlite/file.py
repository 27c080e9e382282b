"""The file of the store: it is private to its user, and a file that cannot be used is set aside."""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import structlog

MODE = 0o600
LOCK_TIMEOUT = 1.0  # seconds
SET_ASIDE = ".set-aside"  # the suffix of a file that cannot be used; the one before is overwritten
_log = structlog.get_logger()


class Identity(NamedTuple):
    """Tells a file apart from another one that was later created at the same path."""

    device: int
    inode: int


class StoreFile:
    """The database file at a path, with SQLite's files beside it: the write-ahead log and its index.

    Processes that create, check or set aside the file do so one after another: they lock a file beside it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    @property
    def uri(self) -> str:
        """The URI that SQLite opens. It opens no file that does not exist."""
        return f"{self.path.as_uri()}?mode=rw"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the file. Raises OSError if the lock file cannot be opened, or another process keeps it."""
        descriptor = os.open(self._beside(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, MODE)
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def prepare(self) -> Identity:
        """Create the file if there is none, and make it private. Raises OSError if it is not a regular file.

        An existing file is not opened here: closing it would release the locks that SQLite holds in this process.
        """
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, MODE))
        status = os.lstat(self.path)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        if stat.S_IMODE(status.st_mode) != MODE:
            self.path.chmod(MODE)
        return Identity(status.st_dev, status.st_ino)

    def identity(self) -> Identity | None:
        """Return the identity of the file that is at the path now, or None if there is none."""
        try:
            status = os.lstat(self.path)
        except FileNotFoundError:
            return None
        return Identity(status.st_dev, status.st_ino)

    def set_aside(self, identity: Identity, reason: str) -> None:
        """Rename the file, and log it. Does nothing if another process has replaced it already. Hold the lock."""
        if self.identity() != identity:
            return
        target = self._beside(SET_ASIDE)
        self.path.replace(target)
        _log.warning(
            f"The file of the cache on disk {reason}. It is set aside, and an empty one is used.", file=str(target)
        )
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                self._beside(suffix).replace(self._beside(SET_ASIDE + suffix))

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)


def _lock(descriptor: int) -> None:
    """Lock the file, which is closed to release it. Raises BlockingIOError if that takes LOCK_TIMEOUT."""
    last_try_at = time.monotonic() + LOCK_TIMEOUT
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= last_try_at:
                raise
            time.sleep(0.01)
