"""The file of API keys, as the commands change it. The service only reads it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from server.config.keys import KeySettings, keys_json, read_keys_file


def read_keys(path: Path) -> list[KeySettings]:
    """Return the keys of the file. Returns none if it does not exist. Raises ValueError if it is no file of keys."""
    return list(read_keys_file(path).keys) if path.exists() else []


@contextmanager
def changed_keys(path: Path) -> Iterator[list[KeySettings]]:
    """Yield the keys of the file, and write the list at the end. Two commands do not run at once.

    Raises ValueError if it is no file of keys, and OSError if it cannot be written.
    """
    path = path.resolve()  # a link stays a link
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        keys = read_keys(path)
        yield keys
        _replace(path, keys_json(keys))
    finally:
        os.close(folder)


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
