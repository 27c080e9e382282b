"""Completion gives the event loop back when its time slice is over."""

import asyncio
from typing import Any

import pytest
from graphql import ExecutionResult, parse

from execution.executor import Executor
from execution.time_slices import TimeSlices

from .animals import SCHEMA
from .compiled import compiled_build

QUERY = parse("{ __schema { types { fields { name } } } }")


class Turns:
    """Counts the turns of the event loop until `stop`."""

    def __init__(self) -> None:
        self.count, self._is_running = 0, True
        asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        self.count += 1
        if self._is_running:
            asyncio.get_running_loop().call_soon(self._next)

    def stop(self) -> int:
        self._is_running = False
        return self.count


def execute(build: Any, slices: TimeSlices) -> Any:
    return build(SCHEMA, QUERY, slices=slices).execute_operation()


@pytest.mark.parametrize("build", [Executor.build, compiled_build()])
async def test_loop_runs_between_two_items_when_a_slice_is_over(build: Any) -> None:
    whole = execute(build, TimeSlices(60))
    assert isinstance(whole, ExecutionResult)

    turns = Turns()
    in_slices = await execute(build, TimeSlices(0))
    assert in_slices == whole
    assert turns.stop() >= len(SCHEMA.type_map)


async def test_operations_share_the_slices_of_their_loop() -> None:
    slices = TimeSlices(0)
    results = await asyncio.gather(*(execute(Executor.build, slices) for _ in range(40)))
    assert all(result == results[0] for result in results)


# graphql-core leaves the coroutines of a cancelled execution without awaiting them.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_cancelled_completion_does_not_stop_others() -> None:
    slices = TimeSlices(0)
    cancelled, other = (asyncio.ensure_future(execute(Executor.build, slices)) for _ in range(2))
    await asyncio.sleep(0)
    cancelled.cancel()
    assert (await other).errors is None
    assert cancelled.cancelled()
