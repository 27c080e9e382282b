"""The file of API keys, as the commands change it. The service only reads it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ETIMEDOUT
from pathlib import Path
from tempfile import NamedTemporaryFile

from server.config.keys import KeySettings, keys_json, read_keys_file

LOCK_SECONDS, LOCK_POLL_SECONDS = 10.0, 0.02  # to wait for another command, and between two attempts


def read_keys(path: Path) -> list[KeySettings]:
    """Return the keys of the file. Returns none if it does not exist. Raises ValueError if it is no file of keys."""
    return list(read_keys_file(path).keys) if path.exists() else []


@contextmanager
def changed_keys(path: Path, patience: float = LOCK_SECONDS) -> Iterator[list[KeySettings]]:
    """Yield the keys of the file, and write the list at the end. Two commands do not run at once.

    Raises ValueError if it is no file of keys, and OSError if it cannot be written, or if another program holds the
    lock of its folder for `patience` seconds.
    """
    path = path.resolve()  # a link stays a link
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _lock(folder, patience)
        keys = read_keys(path)
        yield keys
        _replace(path, keys_json(keys))
    finally:
        os.close(folder)


def _lock(folder: int, patience: float) -> None:
    """Lock a folder until it is closed. Raises TimeoutError: every user who may read the folder can lock it, too."""
    give_up_at = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= give_up_at:
                raise TimeoutError(ETIMEDOUT, "another program holds the lock of its folder") from None
            time.sleep(LOCK_POLL_SECONDS)
        else:
            return


def _replace(path: Path, content: bytes) -> None:
    """Replace the file as a whole: a reader sees all of it or its predecessor. A new file has mode 0600."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if path.exists():  # the service may run as another user
                known = path.stat()
                os.fchmod(file.fileno(), known.st_mode & 0o777)
                with suppress(PermissionError):
                    os.fchown(file.fileno(), known.st_uid, known.st_gid)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
