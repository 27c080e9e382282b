"""What a client asked for is worked on only while the client is there."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar, cast

from starlette.types import Receive

T = TypeVar("T")
WATCH_DELAY_SECONDS = 0.05  # seconds within which most answers are there, so that nobody has to watch for who leaves


class ClientDisconnected(Exception):
    """The client closed its connection before it had its answer."""


async def cancel_on_disconnect(receive: Receive, work: Awaitable[T]) -> T:
    """What `work` comes to; cancels it and raises ClientGone when the client leaves. The body has been read before."""
    watch = DisconnectWatcher(receive)
    try:
        return await work
    except asyncio.CancelledError:
        if watch.took_back():
            raise ClientDisconnected from None
        raise
    finally:
        watch.end()


class DisconnectWatcher:
    """Begins a moment later, and cancels the task that made it when its client has left."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._task = receive, cast("asyncio.Task[object]", asyncio.current_task())
        self._cancelled, self._has_left = self._task.cancelling(), False
        self._watching: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(WATCH_DELAY_SECONDS, self._begin)

    def took_back(self) -> bool:
        """Takes its cancellation back, if it has cancelled the task; whether nobody else has."""
        return self._has_left and self._task.uncancel() <= self._cancelled

    def end(self) -> None:
        self._timer.cancel()
        if self._watching:
            self._watching.cancel()
            self._watching = None  # what it was cancelled with leads to this

    def _begin(self) -> None:
        self._watching = asyncio.create_task(self._departure())

    async def _departure(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._has_left = True
        self._task.cancel()
