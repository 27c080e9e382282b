"""How the process uses memory: rare garbage collection, and large blocks that go back to the system."""

import ctypes
import gc
from contextlib import suppress

MMAP_THRESHOLD = 256 * 1024  # bytes
_M_MMAP_THRESHOLD = -3  # of glibc's mallopt


def relax_gc() -> None:
    """Make garbage collection rare.

    Under load most time went into searching waiting requests and cached objects for reference cycles. So collections of
    all objects are rare. Those of new objects are frequent, because each one holds up the event loop: by about 3 ms for
    the newest 20,000 objects, and 15 ms for the newest 100,000.
    """
    gc.freeze()
    gc.set_threshold(20_000, 4, 250)


def return_large_blocks() -> None:
    """Let glibc return each block of at least MMAP_THRESHOLD to the system when it is freed, such as a long body.

    Otherwise glibc raises the threshold with each such block. Later ones then lie between small ones that stay, and
    their memory is kept. Does nothing with another C library.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, MMAP_THRESHOLD)
