"""The compiled executor gives the same responses and errors as graphql-core's own, for any query on any data."""

import gc
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import ref

import orjson
import pytest
from graphql import DocumentNode, parse, validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.compiled.compiler import Compiler
from execution.compiled.executor import CompiledExecutor
from execution.executor import Executor

from .animal_data import TAGS, TOM, animals, as_row_list, dog_with_tag, fresh_copy, plain_dog
from .animal_queries import RULES, documents
from .animals import SCHEMA, TRAITS, Dog, ReusableAwaitable, Stray
from .compiled import compiled_build

# When a field fails, graphql-core leaves the coroutines of its sibling fields without awaiting them.
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@dataclass
class Root:
    root: Any


async def execute(build: Callable[..., Any], document: DocumentNode, root: Any, variables: dict[str, Any]) -> str:
    """Return the response as JSON text, with the errors in their order."""
    executor = build(SCHEMA, document, Root(fresh_copy(root)), raw_variable_values=variables)
    assert isinstance(executor, Executor)
    result: Any = executor.execute_operation()
    result = await result if executor.is_awaitable(result) else result
    response = [result.data, [error.formatted for error in result.errors or []]]
    return json.dumps(response, default=lambda fragment: json.loads(orjson.dumps(fragment)))


@pytest.mark.parametrize("_part", range(10))  # thousands of queries, in parts that stay below faulthandler_timeout
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=documents(), root=animals(2), a=st.booleans())
async def test_any_query_gives_the_stock_response(_part: int, text: str, root: Any, a: bool) -> None:
    document = parse(text)
    assert not validate(SCHEMA, document, RULES), text
    compiled = compiled_build(TRAITS)
    for switch in (a, a, not a):  # first without code, then with it, then with other variables
        expected = await execute(Executor.build, document, root, {"a": switch})
        assert comparable(await execute(compiled, document, root, {"a": switch})) == comparable(expected)


def comparable(response: str) -> str:
    """Return what must be the same in both responses.

    An error that nulls all data ends the execution. Which errors of other fields were there before is a matter of
    timing, and the specification permits either. So only the last error counts, which is the one that nulled it.
    """
    data, errors = json.loads(response)
    return json.dumps([data, errors[-1:]]) if data is None else response


@pytest.mark.parametrize("tag", [*TAGS, ValueError("bad"), 7, TOM])
async def test_inline_column_gives_the_stock_response(tag: object) -> None:
    document = parse("{ dog { pack { name price { sum: amount currency kind: __typename } } } }")
    attributes: Any = {"loud": None, "age": 1, "weight": None, "colour": None, "grid": None, "words": [], "friends": []}
    pups = [dog_with_tag(text, name="Rex", friend=None, pack=None, thing=None, **attributes) for text in (tag, "12.50")]
    root = dog_with_tag(None, name="Rex", friend=None, pack=as_row_list(pups), thing=None, **attributes)
    compiled = compiled_build(TRAITS)
    expected = await execute(Executor.build, document, root, {})
    for _ in range(3):
        assert await execute(compiled, document, root, {}) == expected


@pytest.mark.parametrize("odd", [None, ValueError("bad"), ReusableAwaitable("late"), 7, Stray(), []])
async def test_odd_value_is_left_to_graphql_core(odd: object) -> None:
    document = parse("{ dog { name friends { name ... on Cat { coat } } } }")
    dog = Dog(
        tag=None,
        price=None,
        name="Rex", loud=True, age=1, weight=None, colour=None, grid=None, words=[],
        friend=None, friends=[TOM, odd, TOM], pack=None, thing=None,  # type: ignore[list-item]
    )  # fmt: skip
    compiled = compiled_build(TRAITS)
    expected = await execute(Executor.build, document, dog, {})
    for _ in range(3):
        assert await execute(compiled, document, dog, {}) == expected


async def test_fallbacks_are_counted_by_type_or_field() -> None:
    document = parse("query ($n: Int = 1) { dog { times(n: $n) friend { name } pack { name } } }")
    compiled, no_dogs = compiled_build(TRAITS), plain_dog(pack=[TOM])  # a cat is no dog
    fallbacks = []
    for dog, n in ((no_dogs, 1), (plain_dog(pack=[plain_dog()]), 1), (no_dogs, 1), (plain_dog(), None)):
        compiled.keywords["compiler"].fallbacks.clear()
        await execute(compiled, document, dog, {"n": n})
        fallbacks.append(dict(compiled.keywords["compiler"].fallbacks))

    assert fallbacks == [{}, {}, {"Dog": 2}, {"Dog.times": 1}]  # the first execution uses no code


async def test_executor_without_plans_compiles_nothing() -> None:
    compiler = Compiler(TRAITS)
    build = partial(CompiledExecutor.build, compiler=compiler)
    document = parse("{ dog { name times(n: 1) friends { name } } }")
    expected = await execute(Executor.build, document, TOM, {})

    assert [await execute(build, document, TOM, {}) for _ in range(3)] == [expected] * 3
    assert compiler.converters == {}


async def test_only_a_repeated_operation_is_compiled() -> None:
    document = parse("{ dog { name words } }")
    compiled = compiled_build(TRAITS)
    selections = []
    for _ in range(3):
        await execute(compiled, document, TOM, {})
        (plans,) = compiled.keywords["plans"].values()
        selections.append(sum(code is not None for plan in plans.variants.values() for code in plan.compiled.values()))

    assert selections == [0, 1, 1]


@pytest.mark.parametrize(
    "text",
    ["{ dog { name friends { name ... on Dog { twice @skip(if: $a) } } } }", "{ dog @skip(if: $a) { name } }"],
)
async def test_executions_share_collected_fields(text: str) -> None:
    document = parse(f"query ($a: Boolean!) {text}")
    compiled = compiled_build(TRAITS)
    collected = []
    for switch in (True, True, True, False, False):
        expected = await execute(Executor.build, document, TOM, {"a": switch})
        assert await execute(compiled, document, TOM, {"a": switch}) == expected
        (plans,) = compiled.keywords["plans"].values()
        collected.append(sum(len(plan.sub_fields) + len(plan.selections) for plan in plans.variants.values()))

    assert collected[0] == 0 < collected[1] == collected[2] < collected[3] == collected[4]


async def test_event_of_a_subscription_is_freed() -> None:
    document = parse("{ dog { twice } }")
    compiled = compiled_build(TRAITS)
    compiled(SCHEMA, document)
    executor: Any = compiled(SCHEMA, document)
    event = Root(TOM)
    event_reference = ref(event)

    await executor.build_per_event_executor(event).execute_operation()
    del event
    gc.collect()

    assert event_reference() is None
