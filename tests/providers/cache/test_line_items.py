"""How often the body of lines is decoded: once, for all that is done with it when it is read."""

from sys import getsizeof
from typing import Any

import httpx
import orjson
import pytest
from pydantic import SecretStr

from execution.rows import ListSerializer, RowsAndContext, expected_serializers
from providers.archera.client import Archera, ArcheraSettings
from providers.cache.memory import ResourceCache
from providers.cache.source import CachedSource
from providers.transport.client import ApiClient
from schema.line_item import LineItem
from tests.providers.resource import Clock
from tests.providers.virtual import in_virtual_time

SETTINGS = ArcheraSettings(id="org", provider="archera", api_key=SecretStr("secret"), org_id="o")


class Source(Archera):
    """Counts how often the body of lines is decoded."""

    def __init__(self) -> None:
        api = ApiClient(SETTINGS, httpx.MockTransport(lambda _: httpx.Response(200, json=self.lines)))
        super().__init__(SETTINGS, api)
        self.decoded = 0
        self.lines: list[Any] = [{"id": str(number)} for number in range(20)]

    def _lines(self, native: str, body: Any) -> RowsAndContext:
        self.decoded += 1
        return super()._lines(native, body)


def way() -> ListSerializer:
    """In which a request writes lines."""
    return ListSerializer(list, lambda: {LineItem: lambda _: lambda rows, _: [row["id"] for row in rows]})


@in_virtual_time
async def test_lines_that_are_written_as_they_are_read_are_decoded_once() -> None:
    source, usual = Source(), way()
    expected_serializers.set([usual])

    lines = await CachedSource(source, ResourceCache()).line_items("2026-01")

    assert source.decoded == 1
    assert orjson.dumps(lines.items.to_json(usual)) == orjson.dumps([str(number) for number in range(20)])
    assert source.decoded == 1


@in_virtual_time
async def test_lines_that_are_read_again_and_say_the_same_are_not_decoded_again() -> None:
    source, usual, clock = Source(), way(), Clock()
    remembered = CachedSource(source, ResourceCache(clock=clock))
    first = await remembered.line_items("2026-01")
    first.items.to_json(usual)

    clock.now += 2 * SETTINGS.freshness.settled
    again = await remembered.line_items("2026-01")

    assert (again.items is first.items, again is first, source.decoded) == (True, False, 1)

    source.lines = source.lines[1:]
    clock.now += 2 * SETTINGS.freshness.settled
    assert len((await remembered.line_items("2026-01")).items) == 19
    assert (source.decoded, remembered.restatements.restatements) == (2, 1)


def _size(value: Any) -> int:
    """Of it and all that is in it, but for keys."""
    within = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return getsizeof(value) + sum(map(_size, within))


@pytest.mark.parametrize("value", [[], {}, 0, "", 0.1, "some text", {"a": 1}, ["a", [None], {}], [[[]]]])
@in_virtual_time
async def test_the_weight_of_lines_is_no_less_than_what_their_rows_take_and_not_much_more(value: Any) -> None:
    source, memory = Source(), ResourceCache()
    source.lines = [{"a": [value] * 1000, "b": {"c": value}} for _ in range(2)]

    await CachedSource(source, memory).line_items("2026-01")

    assert _size(source.lines) < memory.bytes < 6 * _size(source.lines)
