"""An operation that is cancelled leaves no coroutine behind, in whichever turn of the event loop."""

import asyncio
import gc
import inspect
import warnings
from typing import Any

import pytest

from server.operations.request import GraphQLRequest
from server.operations.runner import OperationRunner
from server.process.logs import ignore_never_awaited
from tests.harness import Service

TURNS = 40
QUERY = """{ turn%d: accounts { reference projects { nodes { id } } }
  invoices(first: 3) { nodes { lineItems { nodes { id } } credits { id } } } %s }"""
DEFERRED = "... @defer { projects { nodes { id charges { nodes { cost { amount } } } } } }"


async def cancel_after(runner: OperationRunner, query: str, turns: int) -> None:
    """Start an operation, and cancel it after so many turns of the event loop."""
    deadline = runner.start_deadline()
    operation = runner.receive(GraphQLRequest(query=query), "r")

    async def execute() -> None:
        if DEFERRED in query:
            async for _ in runner.execute_incremental(operation, deadline):
                pass
        else:
            await runner.execute(operation, deadline)

    execution = asyncio.create_task(execute())
    for _ in range(turns):
        await asyncio.sleep(0)
    execution.cancel()
    await asyncio.gather(execution, return_exceptions=True)


def find_coroutines() -> list[Any]:
    """Return the coroutines of graphql-core and Strawberry that still exist, whether or not they were started."""
    gc.collect()
    coroutines = [obj for obj in gc.get_objects() if inspect.iscoroutine(obj)]
    return [one for one in coroutines if "Executor" in one.__qualname__ or "GraphQLCoreConverter" in one.__qualname__]


@pytest.mark.parametrize("fragment", ["", DEFERRED], ids=["one part", "incremental"])
async def test_cancellation_leaves_no_coroutine_or_warning(service: Service, fragment: str) -> None:
    before = find_coroutines()  # of other tests
    with warnings.catch_warnings(record=True, action="always") as caught:
        ignore_never_awaited()
        for turns in range(TURNS):
            await cancel_after(service.app.state.runner, QUERY % (turns, fragment), turns)
        async with asyncio.timeout(10):
            while any(one not in before for one in find_coroutines()):  # noqa: ASYNC110 (there is no event to wait for)
                await asyncio.sleep(0.01)

    assert [str(warning.message) for warning in caught] == []
