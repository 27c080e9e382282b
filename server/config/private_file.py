"""Files that decide who may call. Other users of the machine must not be able to write them."""

import os
import stat
from pathlib import Path

MAX_BYTES = 1_000_000
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def read_protected(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the content of a file. Raises ValueError if it cannot be read, is too long, or others can write it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # does not wait for a pipe's writer
        with os.fdopen(descriptor, "rb") as stream:
            mode = os.fstat(descriptor).st_mode
            content = stream.read(max_bytes + 1) if stat.S_ISREG(mode) else b""
    except OSError as error:
        raise ValueError(f"the file {path} cannot be read ({error.strerror})") from None
    if not stat.S_ISREG(mode):
        raise ValueError(f"{path} is not a regular file")
    if mode & _WRITABLE_BY_OTHERS:
        raise ValueError(f"other users can write the file {path} (mode {stat.S_IMODE(mode):04o}); change it to 0600")
    if len(content) > max_bytes:
        raise ValueError(f"the file {path} is longer than {max_bytes:,} bytes")
    return content
