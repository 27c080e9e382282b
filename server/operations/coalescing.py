"""Coalescing: identical operations that arrive at the same time share one execution."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any

from schema.coverage import FailureCode

from .response import CacheKey, GraphQLResponse

# Reasons for missing data. Requests with a later deadline may succeed, so these responses are not shared.
NOT_SHAREABLE_CODES = {FailureCode.TIMED_OUT, FailureCode.RATE_LIMITED}
ExecutionFactory = Callable[[], Coroutine[Any, Any, GraphQLResponse]]
ExecutionTask = asyncio.Task[GraphQLResponse]
End = asyncio.Future[None]  # the end of an execution, as one request awaits it
MAX_WAKE_SECONDS = 0.02  # seconds after the end of an execution in which all of its requests are woken
LOOP_TURNS_PER_REQUEST = 4  # turns of the event loop for each request that is woken gradually
LONG_EXECUTION_SECONDS = 0.01  # seconds; a longer execution must have waited for a provider


class SharedExecution:
    """The task that executes an operation, and the requests that await its end, in order of arrival."""

    def __init__(self, task: ExecutionTask) -> None:
        self.task, self.started_at = task, asyncio.get_running_loop().time()
        self.ends: dict[End, None] = {}


class OperationCoalescer:
    """Lets identical operations share one execution. It is cancelled with its last request, and with no other."""

    def __init__(self) -> None:
        self._executions: dict[CacheKey, SharedExecution] = {}

    @property
    def in_progress(self) -> int:
        """The number of executions that are in progress."""
        return len(self._executions)

    async def join_or_start(self, key: CacheKey, start: ExecutionFactory) -> GraphQLResponse:
        """Return the response of the execution in progress. Call `start` if there is none or it cannot be shared."""
        execution = self._executions.get(key)
        if execution is not None:
            await self._wait(key, execution)
            return _shareable_response(execution.task) or await start()
        execution = self._executions[key] = SharedExecution(asyncio.create_task(start()))
        execution.task.add_done_callback(partial(self._finish, key, execution))
        await self._wait(key, execution)
        task = execution.task
        try:
            return task.result()
        finally:
            del execution, task  # they hold the exception, whose traceback holds this frame: a reference cycle

    async def _wait(self, key: CacheKey, execution: SharedExecution) -> None:
        """Wait for the end of an execution. The last request that is cancelled cancels the execution."""
        end: End = asyncio.get_running_loop().create_future()
        execution.ends[end] = None
        try:
            await end
        finally:
            del execution.ends[end]
            if not (execution.ends or execution.task.done()):
                self._forget(key, execution)
                execution.task.cancel()

    def _finish(self, key: CacheKey, execution: SharedExecution, task: ExecutionTask) -> None:
        self._forget(key, execution)
        if not task.cancelled():
            task.exception()  # mark it as retrieved: the request that started the execution raises it
        ends, now = iter(list(execution.ends)), asyncio.get_running_loop().time()
        is_long = now - execution.started_at > LONG_EXECUTION_SECONDS
        wake_gradually(ends, now + MAX_WAKE_SECONDS if is_long else now)

    def _forget(self, key: CacheKey, execution: SharedExecution) -> None:
        if self._executions.get(key) is execution:
            del self._executions[key]


def wake_gradually(ends: Iterator[End], deadline: float, turn: int = 0) -> None:
    """Wake the first request now, and one more every LOOP_TURNS_PER_REQUEST turns of the event loop.

    A measured optimization. Between two wake-ups the loop reads requests that arrive meanwhile and sends their
    provider calls. So the providers already work on these while the remaining responses are written. Otherwise new
    requests would be read only after the last of these responses.

    It is bounded twice. Only an execution of more than LONG_EXECUTION_SECONDS wakes its requests gradually. At
    `deadline`, an instant on the loop's clock, all remaining requests wake together.
    """
    loop = asyncio.get_running_loop()
    if loop.time() >= deadline:
        for end in ends:
            _wake(end)
        return
    if turn % LOOP_TURNS_PER_REQUEST == 0:
        next_end = next(ends, None)
        if next_end is None:
            return
        _wake(next_end)
    loop.call_soon(wake_gradually, ends, deadline, turn + 1)


def _wake(end: End) -> None:
    if not end.done():
        end.set_result(None)


def _shareable_response(task: ExecutionTask) -> GraphQLResponse | None:
    """Return the response of an execution, or None if each request must execute the operation itself.

    Not shared: a cancelled execution, an exception, a response with an error (the error names its request), and a
    response that lacks data only because of its deadline or of the rate limit.
    """
    if task.cancelled() or task.exception():
        return None
    outcomes = task.result().outcomes
    return task.result() if outcomes is not None and outcomes.codes.isdisjoint(NOT_SHAREABLE_CODES) else None
