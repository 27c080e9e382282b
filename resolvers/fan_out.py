"""Concurrent work for many accounts."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from .accounts import ConnectedAccount

T = TypeVar("T")
GROUP = 200  # accounts that start in one turn of the event loop, which takes about 10 ms


async def for_each_account(
    accounts: Sequence[ConnectedAccount], call: Callable[[ConnectedAccount], Awaitable[T]]
) -> list[T]:
    """Call for all accounts concurrently, and return the results in their order. Other tasks run between two groups."""
    if len(accounts) == 1:
        return [await call(accounts[0])]  # avoids an asyncio task
    tasks: list[asyncio.Future[T]] = []
    try:
        for account in accounts:
            tasks.append(asyncio.ensure_future(call(account)))
            if len(tasks) % GROUP == 0:
                await asyncio.sleep(0)
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        raise
    finally:
        tasks.clear()  # an error refers to this frame: with its task, that would be a reference cycle
