"""What an operation waits for ends with it, whichever executor runs it."""

import asyncio
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, parse

from execution.columns import ScalarTraits
from execution.compiled.executor import compiled_executor_for
from execution.executor import Executor

COMPILED = compiled_executor_for(ScalarTraits())


class Log(list[str]):
    """What has happened, in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.all_came = asyncio.Event()


@strawberry.type
class Sheep:
    name: str

    @strawberry.field
    async def stays(self, info: strawberry.Info[Log, None]) -> int | None:
        info.context.append(f"{self.name} comes")
        if len(info.context) == 4:
            info.context.all_came.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            info.context.append(f"{self.name} goes")
        return None

    @strawberry.field
    async def bolts(self) -> int:
        await asyncio.sleep(0)
        raise ValueError(self.name)

    @strawberry.field
    async def counts(self) -> int:
        for _ in range(ord(self.name)):
            await asyncio.sleep(0)
        return ord(self.name)


@strawberry.type
class Query:
    @strawberry.field
    async def sheep(self, names: list[str]) -> list[Sheep] | None:
        return [Sheep(name=name) for name in names]


SCHEMA = strawberry.Schema(Query)._schema


def execute(how: type[Executor], text: str, log: Log) -> Any:
    """With code that was made when the operation was built before."""
    document = parse(text)
    how.build(SCHEMA, document)
    built: Any = how.build(SCHEMA, document, context_value=log)
    return built.execute_operation()


executors = pytest.mark.parametrize("how", [Executor, COMPILED])


@executors
async def test_an_operation_that_is_cancelled_has_ended_all_that_it_began(how: type[Executor]) -> None:
    log = Log()
    task = asyncio.ensure_future(execute(how, '{ sheep(names: ["a", "b"]) { name stays again: stays } }', log))
    await log.all_came.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert log == ["a comes", "a comes", "b comes", "b comes", "a goes", "a goes", "b goes", "b goes"]


@executors
async def test_a_field_that_fails_ends_those_beside_it_before_its_object_is_null(how: type[Executor]) -> None:
    log = Log()

    result: ExecutionResult = await execute(how, '{ sheep(names: ["a", "b"]) { name stays bolts } }', log)

    assert log == ["a comes", "b comes", "a goes", "b goes"]
    assert result.data == {"sheep": None}
    assert [(error.message, error.path) for error in result.errors or []] == [("a", ["sheep", 0, "bolts"])]


@executors
async def test_what_is_slower_than_what_follows_it_keeps_its_place(how: type[Executor]) -> None:
    result: ExecutionResult = await execute(
        how, '{ sheep(names: ["z", "a", "m"]) { name counts other: counts } }', Log()
    )

    counts = [{"name": name, "counts": ord(name), "other": ord(name)} for name in "zam"]
    assert (result.data, result.errors) == ({"sheep": counts}, None)
