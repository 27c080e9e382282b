"""Concurrent awaiting with the semantics of graphql-core's gather and less work per awaitable."""

from asyncio import CancelledError, Future, ensure_future, gather, get_running_loop
from collections.abc import Awaitable, Sequence
from types import CoroutineType
from typing import Any


async def gather_or_cancel(awaitables: Sequence[Awaitable[Any]]) -> list[Any]:
    """Return the results in order. If one fails, cancel the others, wait for them to end, and raise its error."""
    if len(awaitables) == 1:
        return [await awaitables[0]]
    loop = get_running_loop()
    tasks: list[Future[Any]] = [
        loop.create_task(awaitable) if isinstance(awaitable, CoroutineType) else ensure_future(awaitable)
        for awaitable in awaitables
    ]
    try:
        await AllDone(tasks)
    except Exception:
        for task in tasks:
            task.cancel()
        await gather(*tasks, return_exceptions=True)
        raise
    return [task.result() for task in tasks]


class AllDone(Future[None]):
    """A future that is done when the last task is done or the first one fails. Cancelling it cancels all tasks."""

    def __init__(self, tasks: list[Future[Any]]) -> None:
        super().__init__(loop=get_running_loop())
        self._tasks, self._remaining, self._is_cancelled = tasks, len(tasks), False
        for task in tasks:
            task.add_done_callback(self._on_done)

    def cancel(self, msg: Any | None = None) -> bool:
        if self.done():
            return False
        cancellations = [task.cancel(msg) for task in self._tasks]
        self._is_cancelled = self._is_cancelled or any(cancellations)
        return any(cancellations)

    def _on_done(self, task: Future[Any]) -> None:
        self._remaining -= 1
        error = CancelledError() if task.cancelled() else task.exception()
        if self.done():
            return
        if error is None and not self._remaining and self._is_cancelled:
            error = CancelledError()
        if error is not None:
            self.set_exception(error)
        elif not self._remaining:
            self.set_result(None)
