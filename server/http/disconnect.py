"""Cancels the work for a request when its client disconnects."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar, cast

from starlette.types import Receive

T = TypeVar("T")
WATCH_DELAY_SECONDS = 0.05  # seconds; most responses are ready earlier, so their requests need no watching


class ClientDisconnected(Exception):
    """The client closed its connection before it had the response."""


async def cancel_on_disconnect(receive: Receive, work: Awaitable[T]) -> T:
    """Return the result of `work`. The request body must have been read before.

    Raises ClientDisconnected, and cancels `work`, if the client disconnects first.
    """
    watcher = DisconnectWatcher(receive)
    try:
        return await work
    except asyncio.CancelledError:
        if watcher.take_back_cancellation():
            raise ClientDisconnected from None
        raise
    finally:
        watcher.stop()


class DisconnectWatcher:
    """Cancels the task that creates it when the client disconnects. Starts after WATCH_DELAY_SECONDS."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._task = receive, cast("asyncio.Task[object]", asyncio.current_task())
        self._earlier_cancellations, self._has_cancelled = self._task.cancelling(), False
        self._watching: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(WATCH_DELAY_SECONDS, self._start)

    def take_back_cancellation(self) -> bool:
        """Undo the watcher's own cancellation of the task.

        Returns False if the watcher has not cancelled it, or if it was cancelled from elsewhere too.
        """
        return self._has_cancelled and self._task.uncancel() <= self._earlier_cancellations

    def stop(self) -> None:
        """Stop watching. The task of the request may refer to this object, so this object no longer refers to it."""
        self._timer.cancel()
        del self._task
        if self._watching:
            self._watching.cancel()
            self._watching = None  # breaks a reference cycle: the exception of the cancelled task refers to the watcher

    def _start(self) -> None:
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._has_cancelled = True
        self._task.cancel()
