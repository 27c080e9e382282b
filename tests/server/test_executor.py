"""The compiled executor against graphql-core's own: whatever is asked of whatever data, the same answer and errors."""

import json
from collections.abc import Generator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import pytest
import strawberry
from graphql import DocumentNode, GraphQLSchema, parse, specified_rules, validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.schema.config import StrawberryConfig

from resolvers.context import RequestContext
from schema.document import Executor
from schema.values import SCALARS
from server.executor import CompiledExecutor, executor
from server.service import connected, graph, sandboxed
from tests.harness import sandbox_of


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Dog(Named):
    loud: bool | None
    age: int
    weight: Decimal | None
    colour: Colour | None
    grid: list[list[int | None]] | None
    words: list[str]
    friend: Named | None
    friends: list[Named]
    pack: list["Dog | None"] | None
    thing: Annotated["Dog | Cat", strawberry.union("Thing")] | None

    @strawberry.field
    def twice(self) -> int:
        return self.age * 2

    @strawberry.field
    async def later(self) -> str:
        return f"{self.name} later"


@strawberry.type
class Cat(Named):
    coat: Colour
    friend: Named | None
    kittens: list["Cat"]

    @strawberry.field
    async def mother(self) -> "Cat | None":
        return self.kittens[0] if self.kittens else None


@strawberry.type
class Stray:
    """Of no type that anything is said to be."""

    name: str = "stray"


@dataclass
class Later:
    """An awaitable that can be awaited again and again."""

    value: object

    def __await__(self) -> Generator[Any, None, Any]:
        if isinstance(self.value, Exception):
            raise self.value
        yield from ()
        return self.value


@strawberry.type
class Query:
    @strawberry.field
    async def dog(self) -> Dog:
        return self.root  # type: ignore[attr-defined,no-any-return]

    @strawberry.field
    def dogs(self) -> list[Dog] | None:
        return [self.root, self.root]  # type: ignore[attr-defined]

    @strawberry.field
    async def named(self) -> list[Named | None]:
        return [self.root, None]  # type: ignore[attr-defined]


SCHEMA: GraphQLSchema = strawberry.Schema(Query, types=[Cat], config=StrawberryConfig(scalar_map=SCALARS))._schema
TOM = Cat(name="Tom", coat=Colour.RED, friend=None, kittens=[])
FIELDS: dict[str, dict[str, str | None]] = {
    "Query": {"dog": "Dog", "dogs": "Dog", "named": "Named"},
    "Named": {"name": None},
    "Thing": {},
    "Dog": {
        **dict.fromkeys(("name", "loud", "age", "weight", "colour", "grid", "words", "twice", "later")),
        "friend": "Named",
        "friends": "Named",
        "pack": "Dog",
        "thing": "Thing",
    },
    "Cat": {**dict.fromkeys(("name", "coat")), "friend": "Named", "kittens": "Cat", "mother": "Cat"},
}
NARROWER = {
    "Query": ["Query"],
    "Named": ["Named", "Dog", "Cat"],
    "Thing": ["Dog", "Cat", "Named"],
    "Dog": ["Dog", "Named"],
    "Cat": ["Cat", "Named"],
}
EXAMPLES = sorted((Path(__file__).parents[2] / "graphiql/examples").glob("*.graphql"))
RULES = [rule for rule in specified_rules if "Unused" not in rule.__name__]
SWITCHES = ["", "", "", " @skip(if: $a)", " @include(if: $a)", " @skip(if: $b)", " @include(if: true)"]


@st.composite
def selections(draw: st.DrawFn, type_: str, depth: int = 4, *, spread: bool = True) -> str:
    chosen = [draw(_selection(type_, depth, spread)) for _ in range(draw(st.integers(1, 4)))]
    return f"{{ {' '.join(chosen)} }}"


@st.composite
def _selection(draw: st.DrawFn, type_: str, depth: int, spread: bool) -> str:
    switch = draw(st.sampled_from(SWITCHES))
    kind = draw(st.sampled_from(["field", "field", "field", "inline", "spread", "typename"]))
    if kind == "inline" and depth:
        narrower = draw(st.sampled_from(NARROWER[type_]))
        return f"... on {narrower}{switch} {draw(selections(narrower, depth - 1, spread=spread))}"
    if kind == "spread" and spread and type_ in {"Dog", "Named", "Thing"}:
        return f"...{draw(st.sampled_from(['OfDog', 'OfNamed']))}{switch}"
    fields = {name: below for name, below in FIELDS[type_].items() if depth or below is None}
    if kind == "typename" or not fields:
        return f"{draw(st.sampled_from(['', 'kind: ']))}__typename{switch}"
    name = draw(st.sampled_from(sorted(fields)))
    alias = draw(st.sampled_from(["", f"{name}_1: "]))
    below = fields[name]
    return f"{alias}{name}{switch}" + (f" {draw(selections(below, depth - 1, spread=spread))}" if below else "")


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Operations with two fragments, which spread no others."""
    fragments = [f"fragment Of{on} on {on} {draw(selections(on, 2, spread=False))}" for on in ("Dog", "Named")]
    return f"query ($a: Boolean! = true, $b: Boolean! = false) {draw(selections('Query'))} {' '.join(fragments)}"


def _or_odd(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The usual value, or now and then one that a careless resolver would give."""
    odd: st.SearchStrategy[Any] = st.sampled_from(
        [None, ValueError("bad"), Later("late"), Later(ValueError("late")), 7, "odd", Stray(), TOM, [TOM], {}]
    )
    return st.integers(0, 7).flatmap(lambda dice: usual if dice else odd)


def _animals(depth: int) -> st.SearchStrategy[Any]:
    below = _or_odd(_animals(depth - 1)) if depth else st.none()
    many = st.lists(below, max_size=3)
    colours = _or_odd(st.sampled_from([None, *Colour]))
    dogs = st.builds(
        Dog,
        name=_or_odd(st.text(max_size=3)),
        loud=_or_odd(st.booleans()),
        age=_or_odd(st.integers(-5, 2**31 - 1)),
        weight=_or_odd(st.decimals(0, 99, places=2)),
        colour=colours,
        grid=_or_odd(st.lists(_or_odd(st.lists(_or_odd(st.integers(0, 3)), max_size=2)), max_size=2)),
        words=_or_odd(st.lists(_or_odd(st.text(max_size=2)), max_size=3)),
        friend=below,
        friends=_or_odd(many),
        pack=_or_odd(many),
        thing=below,
    )
    cats = st.builds(Cat, name=_or_odd(st.text(max_size=3)), coat=colours, friend=below, kittens=_or_odd(many))
    return st.one_of(dogs, dogs, cats)


@dataclass
class Root:
    root: Any


async def answer(how: type[Executor], document: DocumentNode, root: Any, variables: dict[str, Any]) -> str:
    """As it goes out, byte for byte, with the errors in their order."""
    built = how.build(SCHEMA, document, Root(root), raw_variable_values=variables)
    assert isinstance(built, Executor)
    result: Any = built.execute_operation()
    result = await result if built.is_awaitable(result) else result
    return json.dumps([result.data, [error.formatted for error in result.errors or []]])


@settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents(), _animals(2), st.booleans())
async def test_every_query_has_the_same_answer_as_from_the_stock_executor(text: str, root: Any, a: bool) -> None:
    document = parse(text)
    assert not validate(SCHEMA, document, RULES), text
    compiled = executor()
    for switch in (a, a, not a):  # the second time with code that was made, then with other switches
        expected = await answer(Executor, document, root, {"a": switch})
        assert await answer(compiled, document, root, {"a": switch}) == expected


@pytest.mark.parametrize("odd", [None, ValueError("bad"), Later("late"), 7, Stray(), []])
async def test_a_value_that_is_not_plain_is_completed_by_graphql_core(odd: object) -> None:
    document = parse("{ dog { name friends { name ... on Cat { coat } } } }")
    dog = Dog(
        name="Rex", loud=True, age=1, weight=None, colour=None, grid=None, words=[],
        friend=None, friends=[TOM, odd, TOM], pack=None, thing=None,  # type: ignore[list-item]
    )  # fmt: skip
    compiled = executor()
    expected = await answer(Executor, document, dog, {})
    for _ in range(3):
        assert await answer(compiled, document, dog, {}) == expected


async def test_code_is_made_for_an_operation_that_comes_again_and_for_no_other() -> None:
    document = parse("{ dog { name words } }")
    compiled: type[CompiledExecutor] = executor()
    made = []
    for _ in range(3):
        await answer(compiled, document, TOM, {})
        (plans,) = compiled.operations.values()
        made.append(plans.selections)

    assert made == [0, 1, 1]


async def test_the_examples_of_the_page_have_the_same_answers_either_way() -> None:
    answers: dict[str, list[str]] = {}
    async with sandboxed(sandbox_of()) as accounts, connected(accounts) as connections:
        for schema in (graph(compiled=False), graph()):
            for document in [file.read_text() for file in EXAMPLES] * 3:
                with connections.in_use() as roster:
                    context = RequestContext(roster)
                    result = await schema.execute(document, context_value=context)
                    context.close()
                assert result.errors is None, document
                answers.setdefault(document, []).append(json.dumps(result.data))

    assert {document: len(set(heard)) for document, heard in answers.items()} == dict.fromkeys(answers, 1)
