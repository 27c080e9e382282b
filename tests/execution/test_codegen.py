"""The source of generated code is readable in tracebacks."""

import gc
import linecache
import traceback
from collections.abc import Callable
from typing import Any

import pytest
import strawberry
from graphql import parse

from .compiled import compiled_build


@strawberry.type
class Book:
    title: str
    pages: int


@strawberry.type
class Query:
    @strawberry.field
    def book(self) -> Book:
        return Book(title="Emma", pages=474)


SCHEMA = strawberry.Schema(Query)._schema


def compiled_function() -> Callable[[Any], Any]:
    """Return the generated function for books."""
    compiled, document = compiled_build(), parse("{ book { name: title pages } }")
    for _ in range(2):
        executor: Any = compiled(SCHEMA, document, Query())
        assert executor.execute_operation().data == {"book": {"name": "Emma", "pages": 474}}
    (plans,) = compiled.keywords["plans"].values()
    (plan,) = plans.variants.values()
    (selection,) = filter(None, plan.compiled.values())
    complete: Callable[[Any], Any] = selection.complete
    return complete


def test_traceback_shows_the_generated_line() -> None:
    complete = compiled_function()

    with pytest.raises(AttributeError) as error:
        complete(object())

    assert traceback.extract_tb(error.tb)[-1].line == "value_title_0 = obj.title"


def test_freed_code_leaves_no_source() -> None:
    complete: Any = compiled_function()
    file_name = complete.__code__.co_filename
    assert "def complete_Book_0(obj):\n" in linecache.getlines(file_name)

    del complete
    gc.collect()

    assert linecache.getlines(file_name) == []
