"""What a client asked for is worked on only while the client is there."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

T = TypeVar("T")


class ClientGone(Exception):
    """The client closed its connection before it had its answer."""


async def while_present(receive: Receive, work: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T:
    """What `work` comes to; cancels it and raises ClientGone when the client leaves. The body has been read before."""
    working, watching = asyncio.ensure_future(work), asyncio.create_task(_departure(receive))
    try:
        await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientGone
        return working.result()
    finally:
        watching.cancel()
        if working.cancel():
            await asyncio.wait((working,))


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
