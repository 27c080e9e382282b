"""What a client asked for is worked on only while the client is there."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

T = TypeVar("T")
_SOON = 0.05  # seconds within which most answers are there, so that nobody has to watch for who leaves


class ClientGone(Exception):
    """The client closed its connection before it had its answer."""


async def while_present(receive: Receive, work: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T:
    """What `work` comes to; cancels it and raises ClientGone when the client leaves. The body has been read before."""
    working = asyncio.ensure_future(work)
    watch = _Watch(receive, working)
    try:
        return await working
    except asyncio.CancelledError:
        if watch.has_left:
            raise ClientGone from None
        raise
    finally:
        watch.end()
        if working.cancel():
            await asyncio.wait((working,))


class _Watch:
    """Begins a moment later, and ends work when its client has left."""

    def __init__(self, receive: Receive, working: asyncio.Future[Any]) -> None:
        self._receive, self._working = receive, working
        self._watching: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(_SOON, self._begin)
        self.has_left = False

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
        self.has_left = True
        self._working.cancel()
