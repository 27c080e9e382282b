"""The clock of deadlines."""

import asyncio


def loop_time() -> float:
    """Return the time of the running loop's clock. Deadlines are instants on this clock."""
    return asyncio.get_running_loop().time()
