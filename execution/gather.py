"""Concurrent awaiting with the semantics of graphql-core's gather and less work per awaitable."""

from asyncio import CancelledError, Future, ensure_future, gather, get_running_loop
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from types import CoroutineType
from typing import Any

from .awaitable import PendingValue


async def gather_or_cancel(awaitables: Sequence[Awaitable[Any]]) -> list[Any]:
    """Return the results in order. If one fails, cancel the others, wait for them to end, and raise its error."""
    if len(awaitables) < 2:
        return [await each for each in awaitables]  # without a task
    results = Gather(awaitables)
    try:
        return await results
    except Exception:
        await results.cancel_tasks()
        raise
    finally:
        del results  # it holds the exception, whose traceback holds this frame: a reference cycle


class Gather(Future[list[Any]]):
    """A future of the results. It is done when the last awaitable is done or the first one fails.

    A pending value needs no task: its result is computed when its future is done. Cancelling the gather cancels the
    tasks of all other awaitables, and ends when they have ended.
    """

    def __init__(self, awaitables: Sequence[Awaitable[Any]]) -> None:
        super().__init__(loop=get_running_loop())
        self._results: list[Any] = list(awaitables)
        self._remaining, self._is_cancelled = len(awaitables), False
        self._tasks: list[Future[Any]] = []
        for index, awaitable in enumerate(awaitables):
            self._watch(index, awaitable)

    def cancel(self, msg: Any | None = None) -> bool:
        if self.done():
            return False
        running = [task for task in self._tasks if not task.done()]
        if not running:
            return super().cancel(msg)
        self._is_cancelled, self._remaining = True, len(running)
        cancellations = [task.cancel(msg) for task in running]
        return any(cancellations)

    async def cancel_tasks(self) -> None:
        """Cancel the tasks and wait until they have ended."""
        for task in self._tasks:
            task.cancel()
        await gather(*self._tasks, return_exceptions=True)

    def _watch(self, index: int, awaitable: Awaitable[Any]) -> None:
        if isinstance(awaitable, PendingValue):
            awaitable.future.add_done_callback(partial(self._on_value, index, awaitable.result))
            return
        task: Future[Any] = (
            self.get_loop().create_task(awaitable) if isinstance(awaitable, CoroutineType) else ensure_future(awaitable)
        )
        self._tasks.append(task)
        task.add_done_callback(partial(self._on_task, index))

    def _on_value(self, index: int, result: Callable[[], Any], _: Future[Any]) -> None:
        if self.done() or self._is_cancelled:
            return
        try:
            value = result()
        except (Exception, CancelledError) as error:  # noqa: BLE001 (the gather raises it)
            self._fail(error)
            return
        if hasattr(value, "__await__"):
            self._watch(index, value)
        else:
            self._store(index, value)

    def _on_task(self, index: int, task: Future[Any]) -> None:
        error = CancelledError() if task.cancelled() else task.exception()
        if self.done():
            return
        if self._is_cancelled:
            self._remaining -= 1
            if not self._remaining:
                self._fail(CancelledError())
        elif error is not None:
            self._fail(error)
        else:
            self._store(index, task.result())

    def _store(self, index: int, value: Any) -> None:
        self._results[index] = value
        self._remaining -= 1
        if not self._remaining:
            self.set_result(self._results)

    def _fail(self, error: BaseException) -> None:
        self._results.clear()
        self.set_exception(error)
