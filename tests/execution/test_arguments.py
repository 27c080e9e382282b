"""A method called by the compiled executor gets the same arguments as from Strawberry."""

from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry
from graphql import parse
from strawberry.types import Info

from execution.executor import Executor

from .compiled import compiled_build


@strawberry.enum
class Size(Enum):
    SMALL = "s"
    LARGE = "l"


@strawberry.input
class Inner:
    size: Size = Size.SMALL
    note: str | None
    words: list[str | None] = strawberry.field(default_factory=lambda: ["as", "usual"])


@strawberry.input
class Outer:
    inner: Inner | None
    many_more: list[list[Inner | None]] | None = strawberry.UNSET
    maybe: strawberry.Maybe[int | None]
    again: "Outer | None" = None
    later: Annotated["Inner", strawberry.lazy(__name__)] | None = strawberry.field(name="named", default=None)


@strawberry.type
class Query:
    @strawberry.field
    def echo(
        self,
        info: Info[Any],
        outer: Outer | None = strawberry.UNSET,
        some_sizes: list[Size] | None = None,
        number: int = 3,
        own: Annotated[str | None, strawberry.argument(name="id")] = strawberry.UNSET,
    ) -> str:
        return f"{info.field_name} {outer!r} {some_sizes!r} {number!r} {own!r}"


SCHEMA = strawberry.Schema(Query)
ARGUMENTS = [
    "",
    "(number: 4, id: null)",
    "(someSizes: LARGE)",
    '(someSizes: [SMALL, LARGE], id: "7")',
    "(outer: null)",
    "(outer: {})",
    "(outer: {inner: {note: null, size: LARGE}, maybe: null})",
    "(outer: {manyMore: [[{words: []}, null], []], maybe: 1})",
    '(outer: {again: {again: {inner: {words: ["a", null]}}}, named: {note: "x"}})',
    "(outer: $outer, number: $number)",
]


@pytest.mark.parametrize("arguments", ARGUMENTS)
@pytest.mark.parametrize("outer", [{}, {"outer": None}, {"outer": {"inner": {"size": "LARGE"}, "manyMore": None}}])
async def test_arguments_equal_those_of_strawberry(arguments: str, outer: dict[str, Any]) -> None:
    variables = " ($outer: Outer, $number: Int = 5)" if "$" in arguments else ""
    document = parse(f"query{variables} {{ echo{arguments} }}")
    results = []
    compiled = compiled_build()
    for build in (Executor.build, compiled, compiled, compiled):
        executor: Any = build(SCHEMA._schema, document, Query(), raw_variable_values=outer)
        results.append(executor.execute_operation())

    assert results[0].data is not None
    assert results == [results[0]] * 4
