"""Provider calls: requests, retries, limits, deadlines and recordings."""

import os

# ry reads these variables when it is imported. The environment may have other values.
# One thread serves all calls: each costs it a few microseconds. With more, a call can miss the connection that the one
# before it is about to return, and open another.
os.environ.setdefault("TOKIO_WORKER_THREADS", "1")
# Freed memory goes back to the system at once. By default it waits for later calls, and there may be none.
os.environ.setdefault("MIMALLOC_PURGE_DELAY", "0")
