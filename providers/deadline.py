"""The deadline of the provider calls that a request makes."""

import asyncio
from contextvars import ContextVar

# An instant on the running loop's clock: when the provider calls of the current request must end, up to 0.5 s before
# the response is due. None outside of a request.
deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
MAX_CALL_SECONDS = 60.0  # seconds, for calls that no request waits for


def current_deadline() -> float:
    """Return the deadline of a call that starts now, as an instant on the running loop's clock."""
    return deadline.get() or loop_time() + MAX_CALL_SECONDS


def loop_time() -> float:
    """Return the time of the running loop's clock. Deadlines are instants on this clock."""
    return asyncio.get_running_loop().time()
