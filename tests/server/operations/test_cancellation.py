"""Who leaves in the middle of an operation leaves nothing behind, whichever turn of the loop it is in."""

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


async def leave(runner: OperationRunner, query: str, turns: int) -> None:
    """Asks, and goes after so many turns of the loop."""
    end = runner.start_deadline()
    asked = await runner.prepare(GraphQLRequest(query=query), "r")

    async def read() -> None:
        if DEFERRED in query:
            async for _ in runner.execute_incremental(asked, end):
                pass
        else:
            await runner.execute(asked, end)

    reading = asyncio.create_task(read())
    for _ in range(turns):
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


def coroutines() -> list[Any]:
    """What graphql-core and Strawberry have begun, or made, and that is still there."""
    gc.collect()
    found = [thing for thing in gc.get_objects() if inspect.iscoroutine(thing)]
    return [one for one in found if "Executor" in one.__qualname__ or "GraphQLCoreConverter" in one.__qualname__]


@pytest.mark.parametrize("more", ["", DEFERRED], ids=["in one", "in parts"])
async def test_who_leaves_leaves_nothing_that_was_begun_and_no_line_in_the_log(service: Service, more: str) -> None:
    before = coroutines()  # of other tests
    with warnings.catch_warnings(record=True, action="always") as warned:
        ignore_never_awaited()
        for turns in range(TURNS):
            await leave(service.app.state.runner, QUERY % (turns, more), turns)
        async with asyncio.timeout(10):
            while any(one not in before for one in coroutines()):  # noqa: ASYNC110 (each ends in its own time)
                await asyncio.sleep(0.01)

    assert [str(warning.message) for warning in warned] == []
