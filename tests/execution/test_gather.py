"""An operation that ends also ends the resolvers it started, with either executor."""

import asyncio
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, parse

from execution.compiled.executor import CompiledExecutor
from execution.executor import Executor

from .compiled import compiled_build


class Log(list[str]):
    """The events of a test, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.all_started = asyncio.Event()


@strawberry.type
class Sheep:
    name: str

    @strawberry.field
    async def hangs(self, info: strawberry.Info[Log, None]) -> int | None:
        info.context.append(f"{self.name} starts")
        if len(info.context) == 4:
            info.context.all_started.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            info.context.append(f"{self.name} ends")
        return None

    @strawberry.field
    async def fails(self) -> int:
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


def execute(executor_class: type[Executor], text: str, log: Log) -> Any:
    """Execute an operation that was built once before, so that the compiled executor uses generated code."""
    document = parse(text)
    build = compiled_build() if executor_class is CompiledExecutor else executor_class.build
    build(SCHEMA, document)
    executor: Any = build(SCHEMA, document, context_value=log)
    return executor.execute_operation()


executors = pytest.mark.parametrize("executor_class", [Executor, CompiledExecutor])


@executors
async def test_cancelled_operation_ends_its_resolvers(executor_class: type[Executor]) -> None:
    log = Log()
    task = asyncio.ensure_future(
        execute(executor_class, '{ sheep(names: ["a", "b"]) { name hangs again: hangs } }', log)
    )
    await log.all_started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert log == ["a starts", "a starts", "b starts", "b starts", "a ends", "a ends", "b ends", "b ends"]


@executors
async def test_failed_field_ends_its_siblings_first(executor_class: type[Executor]) -> None:
    log = Log()

    result: ExecutionResult = await execute(executor_class, '{ sheep(names: ["a", "b"]) { name hangs fails } }', log)

    assert log == ["a starts", "b starts", "a ends", "b ends"]
    assert result.data == {"sheep": None}
    assert [(error.message, error.path) for error in result.errors or []] == [("a", ["sheep", 0, "fails"])]


@executors
async def test_results_keep_the_order_of_the_list(executor_class: type[Executor]) -> None:
    result: ExecutionResult = await execute(
        executor_class, '{ sheep(names: ["z", "a", "m"]) { name counts other: counts } }', Log()
    )

    counts = [{"name": name, "counts": ord(name), "other": ord(name)} for name in "zam"]
    assert (result.data, result.errors) == ({"sheep": counts}, None)
