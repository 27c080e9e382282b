"""A long operation gives the event loop back, and a cancellation ends it in the middle."""

import asyncio
import gc
from contextvars import ContextVar
from typing import Any
from weakref import ref

import pytest
import strawberry
from graphql import parse

from execution.executor import Executor
from execution.turns import Turns, Work, give_back

from .clock import Clock
from .compiled import compiled_build


@strawberry.type
class Sheep:
    number: int

    @strawberry.field
    def looks(self, info: strawberry.Info[list[str], None]) -> int:
        info.context.append(f"sheep {self.number}")
        return self.number

    @strawberry.field
    async def waits(self, info: strawberry.Info[list[str], None]) -> int:
        await asyncio.sleep(0)
        return self.number

    @strawberry.field
    async def flock(self) -> list["Sheep"]:
        return [Sheep(number=number) for number in range(20)]


@strawberry.type
class Query:
    @strawberry.field
    def flock(self) -> list[Sheep]:
        return [Sheep(number=number) for number in range(20)]


SCHEMA = strawberry.Schema(Query)._schema
LOOKS = parse("{ flock { looks } }")
NESTED = parse("{ flock { number waits flock { looks waits flock { looks waits } } } }")
executors = pytest.mark.parametrize("executor_class", [Executor, None])


def executor_for(document: Any, executor_class: type[Executor] | None, turns: Turns | None, log: list[str]) -> Any:
    """Return an executor of `executor_class`, or one with generated code."""
    build: Any = executor_class.build if executor_class else compiled_build()
    build(SCHEMA, document)  # the second execution has generated code
    return build(SCHEMA, document, context_value=log, work=turns and Work(turns))


class Rounds:
    """Counts the rounds of the event loop until `stop`."""

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


@executors
async def test_the_loop_runs_between_two_items(executor_class: type[Executor] | None) -> None:
    rounds = Rounds()
    result = await executor_for(LOOKS, executor_class, Turns(0), []).execute()

    assert result.data == {"flock": [{"looks": number} for number in range(20)]}
    assert rounds.stop() >= 20


@executors
async def test_an_operation_without_turns_holds_the_loop(executor_class: type[Executor] | None) -> None:
    rounds = Rounds()
    result = await executor_for(LOOKS, executor_class, None, []).execute()

    assert result.data == {"flock": [{"looks": number} for number in range(20)]}
    assert rounds.stop() == 0


@executors
async def test_turns_change_no_response(executor_class: type[Executor] | None) -> None:
    expected = await executor_for(NESTED, executor_class, None, []).execute()

    assert await executor_for(NESTED, executor_class, Turns(0), []).execute() == expected


@executors
async def test_operations_take_turns(executor_class: type[Executor] | None) -> None:
    turns, log = Turns(0), list[str]()
    await asyncio.gather(*(executor_for(LOOKS, executor_class, turns, log).execute() for _ in range(2)))

    assert log.count("sheep 0") == log.count("sheep 19") == 2
    assert log[: log.index("sheep 19")].count("sheep 0") == 2  # the second begins before the first ends


# Coroutines that were never awaited are freed, too.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@executors
@pytest.mark.parametrize("rounds", [1, 2, 5, 30, 100, 300])
async def test_cancellation_leaves_nothing_behind(executor_class: type[Executor] | None, rounds: int) -> None:
    turns, log = Turns(0), list[str]()
    gc.collect()
    gc.disable()
    try:
        executor = executor_for(NESTED, executor_class, turns, log)
        freed, task = ref(executor), asyncio.ensure_future(executor.execute())
        del executor
        for _ in range(rounds):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        del task
        length = len(log)
        await asyncio.sleep(0.01)
        assert len(log) == length
        assert freed() is None
    finally:
        gc.enable()

    assert (await executor_for(LOOKS, executor_class, turns, []).execute()).errors is None


async def test_a_cancelled_wait_does_not_delay_others() -> None:
    turns = Turns(0)
    tasks = [asyncio.ensure_future(executor_for(LOOKS, None, turns, []).execute()) for _ in range(3)]
    for _ in range(3):
        await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[1].cancel()

    assert (await tasks[2]).errors is None


async def test_code_in_turns_keeps_its_context() -> None:
    variable = ContextVar("variable", default="outside")

    async def read() -> list[str]:
        give_back()
        before = variable.get()
        await asyncio.sleep(0)
        give_back()
        variable.set("changed")
        return [before, variable.get()]

    variable.set("inside")
    turns = Turns(0)
    results: list[list[str]] = await asyncio.gather(Work(turns).run(read), Work(turns).run(read))
    assert results == [["inside", "changed"]] * 2
    assert variable.get() == "inside"


async def test_a_failure_in_turns_is_raised_as_it_is() -> None:
    async def fail() -> None:
        give_back()
        await asyncio.sleep(0)
        give_back()
        raise StopAsyncIteration

    with pytest.raises(StopAsyncIteration):
        await Work(Turns(0)).run(fail)


async def test_a_result_is_freed_with_its_caller() -> None:
    async def work() -> Sheep:
        await asyncio.sleep(0)
        return Sheep(number=1)

    result = await Work(Turns(0)).run(work)
    freed = ref(result)
    del result
    assert freed() is None


def test_code_outside_of_turns_may_give_back() -> None:
    give_back()


async def test_a_pause_waits_for_the_next_turn() -> None:
    clock = Clock()
    turns, rounds = Turns(1, clock), Rounds()
    work = Work(turns)
    await work.pause()  # begins a turn
    assert rounds.count == 0
    clock.seconds = 1
    await work.pause()
    assert rounds.stop() > 0
