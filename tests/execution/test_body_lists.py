"""Lists that are serialized straight from a body, and those that need rows."""

from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from graphql import parse

from execution.rows import MAX_EAGER_ROWS, serialize_body

from .animal_data import DOG_COLUMNS, as_row_list, plain_dog
from .animals import DOLLARS, SCHEMA, TRAITS
from .compiled import compiled_build

CONTEXT = SimpleNamespace(currency=DOLLARS)
SELECTION = "name price { amount currency }"
REX = b'{"age":[1],"name":"Rex","tag":12.50}'


async def json_of(body: bytes, selection: str = SELECTION, context: Any = CONTEXT) -> bytes | None:
    """Return the JSON of a pack of dogs. None if it needs rows."""
    document, build = parse(f"{{ dog {{ pack {{ {selection} }} }} }}"), compiled_build(TRAITS)
    for _ in range(2):  # code is generated for the second execution
        await build(SCHEMA, document, SimpleNamespace(root=plain_dog(pack=as_row_list([])))).execute_operation()
    (plans,) = build.keywords["plans"].values()
    (plan,) = plans.variants.values()
    serializers = [each for code in plan.compiled.values() if code for each in code.list_serializers if each.was_used]
    serialized = serialize_body(body, DOG_COLUMNS, context, serializers)
    return orjson.dumps([*serialized.fragments.values()][0]) if serialized else None  # noqa: RUF015


@pytest.mark.parametrize(
    ("body", "selection", "expected"),
    [
        (b"[]", SELECTION, b"[]"),
        (b"[%s]" % REX, SELECTION, b'[{"name":"Rex","price":{"amount":"12.50","currency":"USD"}}]'),
        (b'[{"name":"R\\u00e9","tag":-7}]', "a: name price { amount }", b'[{"a":"R\xc3\xa9","price":{"amount":"-7"}}]'),
        (b'[{"name":"\\u00a0\\u2028R","tag":0}]', "name", '[{"name":"\xa0\u2028R"}]'.encode()),
        (b"[%s,%s]" % (REX, REX), "b: __typename name", b'[{"b":"Dog","name":"Rex"},{"b":"Dog","name":"Rex"}]'),
    ],
)
async def test_a_usual_list_needs_no_rows(body: bytes, selection: str, expected: bytes) -> None:
    assert await json_of(body, selection) == expected


@pytest.mark.parametrize(
    "row",
    [
        b'{"name":"Rex"}',
        b'{"name":" ","tag":1.5}',
        b'{"name":"R\\"x","tag":1.5}',
        b'{"name":"R\\\\x","tag":1.5}',
        b'{"name":"R\\nx","tag":1.5}',
        b'{"name":"R\\ud800x","tag":1.5}',
        b'{"name":"Rex","tag":true}',
        b"[]",
    ],
)
async def test_an_unusual_row_needs_rows(row: bytes) -> None:
    assert await json_of(b"[%s,%s]" % (REX, row)) is None


@pytest.mark.parametrize("selection", ["name age", "price { currency }", "__typename"])
async def test_a_selection_of_other_fields_needs_rows(selection: str) -> None:
    assert await json_of(b"[%s]" % REX, selection) is None


async def test_a_missing_shared_text_needs_rows() -> None:
    assert await json_of(b"[%s]" % REX, "price { amount }", SimpleNamespace(currency=None)) is None


async def test_a_long_list_needs_rows() -> None:
    longest = [REX] * MAX_EAGER_ROWS

    assert await json_of(b"[%s]" % b",".join(longest)) is not None
    assert await json_of(b"[%s]" % b",".join([*longest, REX])) is None
