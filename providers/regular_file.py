"""Reads the files that the configuration and the environment name, without ever waiting for one."""

import errno
import os
import stat
from pathlib import Path
from typing import NamedTuple

MAX_FILE_BYTES = 16_000_000  # of a file that the configuration or the environment names


class RegularFile(NamedTuple):
    """What a file contained when it was read, and its permissions."""

    content: bytes
    mode: int


def read_regular_file(path: str | Path, max_bytes: int = MAX_FILE_BYTES) -> RegularFile:
    """Return the content of a file and its mode.

    Raises OSError, with a `strerror`, if it cannot be read, is longer than `max_bytes`, or is no regular file: a FIFO
    would wait for its writer, and a device such as /dev/zero has no end.
    """
    with open(path, "rb", buffering=0, opener=_open_at_once) as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        content = bytearray()
        while chunk := file.read(max_bytes + 1 - len(content)):
            content += chunk
    if len(content) > max_bytes:
        raise OSError(errno.EFBIG, f"it is longer than {max_bytes:,} bytes")
    return RegularFile(bytes(content), stat.S_IMODE(mode))


def _open_at_once(path: str, flags: int) -> int:
    """Open a file without waiting for the writer of a named pipe, and without taking a terminal."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)
