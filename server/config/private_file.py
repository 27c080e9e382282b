"""Files that decide who may call. Other users of the machine must not be able to write them."""

import stat
from pathlib import Path

from providers.regular_file import read_regular_file

MAX_BYTES = 1_000_000
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def read_protected(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the content of a file. Raises ValueError if it cannot be read, is too long, or others can write it."""
    try:
        file = read_regular_file(path, max_bytes)
    except OSError as error:
        raise ValueError(f"the file {path} cannot be read ({error.strerror})") from None
    if file.mode & _WRITABLE_BY_OTHERS:
        raise ValueError(f"other users can write the file {path} (mode {file.mode:04o}); change it to 0600")
    return file.content
