"""The deadline of the calls that a request causes."""

import asyncio
from contextvars import ContextVar

# When the request that is being answered must be done, on the running loop's clock.
deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
MAX_CALL_SECONDS = 60.0  # seconds, for calls that no request waits for


def current_deadline() -> float:
    """When a call that starts now must be done."""
    return deadline.get() or loop_time() + MAX_CALL_SECONDS


def loop_time() -> float:
    """The time on the running loop's clock, on which deadlines are instants."""
    return asyncio.get_running_loop().time()
