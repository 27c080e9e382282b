"""How the process uses memory: rare garbage collection, and free memory that goes back to the system."""

import ctypes
import gc
import os

MMAP_THRESHOLD = 256 * 1024  # bytes
_LIBC = ctypes.CDLL(None) if os.name == "posix" else None
_M_MMAP_THRESHOLD = -3  # of glibc's mallopt


def relax_gc() -> None:
    """Make garbage collection of all objects rare, and that of new objects short.

    Under load most time went into searching waiting requests and cached objects for reference cycles. Each collection
    holds up the event loop: by about 3 ms for the newest 10,000 objects, and by a tenth of a second for all. An object
    that has survived two collections is old.
    """
    gc.freeze()
    gc.set_threshold(10_000, 1, 1_000)


def return_large_blocks() -> None:
    """Let glibc return each block of at least MMAP_THRESHOLD to the system when it is freed, such as a long body.

    Otherwise glibc raises the threshold with each such block. Later ones then lie between small ones that stay, and
    their memory is kept. Does nothing with another C library.
    """
    if (mallopt := getattr(_LIBC, "mallopt", None)) is not None:
        mallopt(_M_MMAP_THRESHOLD, MMAP_THRESHOLD)


def return_free_memory() -> None:
    """Let glibc return the free memory between blocks in use to the system. It takes up to some milliseconds.

    By itself glibc returns only what is free at the end of its heap. Does nothing with another C library.
    """
    if (malloc_trim := getattr(_LIBC, "malloc_trim", None)) is not None:
        malloc_trim(0)
