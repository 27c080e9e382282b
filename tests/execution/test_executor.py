"""The compiled executor against graphql-core's own: whatever is asked of whatever data, the same answer and errors."""

import json
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from graphql import DocumentNode, parse, validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.compiled.executor import CompiledExecutor, compiled_executor_for
from execution.executor import Executor

from .animal_queries import RULES, documents
from .animals import SCHEMA, TAGS, TOM, TRAITS, Dog, Later, Stray, anew, animals, standing, tagged

# Where a field fails, graphql-core itself leaves coroutines behind that it had made for the fields beside it.
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@dataclass
class Root:
    root: Any


async def answer(how: type[Executor], document: DocumentNode, root: Any, variables: dict[str, Any]) -> str:
    """As it goes out, byte for byte, with the errors in their order."""
    built = how.build(SCHEMA, document, Root(anew(root)), raw_variable_values=variables)
    assert isinstance(built, Executor)
    result: Any = built.execute_operation()
    result = await result if built.is_awaitable(result) else result
    said = [result.data, [error.formatted for error in result.errors or []]]
    return json.dumps(said, default=lambda fragment: json.loads(orjson.dumps(fragment)))


@pytest.mark.parametrize("_part", range(5))  # thousands, of which no test takes so long that it seems to hang
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=documents(), root=animals(2), a=st.booleans())
async def test_every_query_has_the_same_answer_as_from_the_stock_executor(
    _part: int, text: str, root: Any, a: bool
) -> None:
    document = parse(text)
    assert not validate(SCHEMA, document, RULES), text
    compiled = compiled_executor_for(TRAITS)
    for switch in (a, a, not a):  # the second time with code that was made, then with other switches
        expected = await answer(Executor, document, root, {"a": switch})
        assert await answer(compiled, document, root, {"a": switch}) == expected


@pytest.mark.parametrize("tag", [*TAGS, ValueError("bad"), 7, TOM])
async def test_money_of_a_row_is_what_the_stock_executor_says_of_its_object(tag: object) -> None:
    document = parse("{ dog { pack { name price { sum: amount currency kind: __typename } } } }")
    known: Any = {"loud": None, "age": 1, "weight": None, "colour": None, "grid": None, "words": [], "friends": []}
    one, other = (tagged(each, name="Rex", friend=None, pack=None, thing=None, **known) for each in (tag, "12.50"))
    root = tagged(None, name="Rex", friend=None, pack=standing([one, other]), thing=None, **known)
    compiled = compiled_executor_for(TRAITS)
    expected = await answer(Executor, document, root, {})
    for _ in range(3):
        assert await answer(compiled, document, root, {}) == expected


@pytest.mark.parametrize("odd", [None, ValueError("bad"), Later("late"), 7, Stray(), []])
async def test_a_value_that_is_not_plain_is_completed_by_graphql_core(odd: object) -> None:
    document = parse("{ dog { name friends { name ... on Cat { coat } } } }")
    dog = Dog(
        tag=None,
        price=None,
        name="Rex", loud=True, age=1, weight=None, colour=None, grid=None, words=[],
        friend=None, friends=[TOM, odd, TOM], pack=None, thing=None,  # type: ignore[list-item]
    )  # fmt: skip
    compiled = compiled_executor_for(TRAITS)
    expected = await answer(Executor, document, dog, {})
    for _ in range(3):
        assert await answer(compiled, document, dog, {}) == expected


async def test_code_is_made_for_an_operation_that_comes_again_and_for_no_other() -> None:
    document = parse("{ dog { name words } }")
    compiled: type[CompiledExecutor] = compiled_executor_for(TRAITS)
    made = []
    for _ in range(3):
        await answer(compiled, document, TOM, {})
        (plans,) = compiled.operations.values()
        made.append(sum(code is not None for plan in plans.variants.values() for code in plan.compiled.values()))

    assert made == [0, 1, 1]


@pytest.mark.parametrize(
    "text",
    ["{ dog { name friends { name ... on Dog { twice @skip(if: $a) } } } }", "{ dog @skip(if: $a) { name } }"],
)
async def test_what_is_collected_for_one_execution_serves_the_others(text: str) -> None:
    document = parse(f"query ($a: Boolean!) {text}")
    compiled: type[CompiledExecutor] = compiled_executor_for(TRAITS)
    collected = []
    for switch in (True, True, True, False, False):
        expected = await answer(Executor, document, TOM, {"a": switch})
        assert await answer(compiled, document, TOM, {"a": switch}) == expected
        (plans,) = compiled.operations.values()
        collected.append(sum(len(plan.sub_fields) + len(plan.selections) for plan in plans.variants.values()))

    assert collected[0] == 0 < collected[1] == collected[2] < collected[3] == collected[4]
