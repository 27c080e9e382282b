"""The body of line items is decoded once, for everything that is done with it when it arrives."""

from sys import getsizeof
from typing import Any

import httpx
import orjson
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from execution.rows import ListSerializer
from providers.archera.client import Archera, ArcheraSettings
from providers.cache.memory import ResourceCache
from providers.call import CallContext
from providers.transport.client import ApiClient
from providers.transport.httpx_carrier import HttpxCarrier
from schema.line_item import LineItem
from tests.providers.resource import Clock
from tests.providers.virtual import in_virtual_time
from tests.uncached import cached

SETTINGS = ArcheraSettings(id="org", provider="archera", api_key=SecretStr("secret"), org_id="o")


class Source(Archera):
    """Counts how often the body of line items is decoded."""

    def __init__(self) -> None:
        api = ApiClient(SETTINGS, HttpxCarrier(httpx.MockTransport(lambda _: httpx.Response(200, json=self.lines))))
        super().__init__(SETTINGS, api)
        self.decodings = 0
        self.lines: list[Any] = [{"id": str(number)} for number in range(20)]

    def find_line_items(self, body: Any) -> Any:
        self.decodings += 1
        return super().find_line_items(body)


def id_serializer() -> ListSerializer:
    """Return a serializer that writes the ids of line items."""
    return ListSerializer(list, lambda: {LineItem: lambda _: lambda rows, _: [row["id"] for row in rows]})


@in_virtual_time
async def test_eager_serialization_decodes_once() -> None:
    source, serializer = Source(), id_serializer()
    call = CallContext(serializers=[serializer])

    lines = await cached(source).line_items.get("2026-01", call)

    assert source.decodings == 1
    assert orjson.dumps(lines.items.to_json(serializer)) == orjson.dumps([str(number) for number in range(20)])
    assert source.decodings == 1


@in_virtual_time
async def test_an_unchanged_body_is_not_decoded_again() -> None:
    source, serializer, clock = Source(), id_serializer(), Clock()
    cached_source = cached(source, ResourceCache(clock=clock))
    first = await cached_source.line_items.get("2026-01", CallContext())
    first.items.to_json(serializer)

    clock.now += 2 * SETTINGS.freshness.settled
    second = await cached_source.line_items.get("2026-01", CallContext())

    assert (second.items is first.items, second is first, source.decodings) == (True, False, 1)

    source.lines = source.lines[1:]
    clock.now += 2 * SETTINGS.freshness.settled
    with capture_logs() as logs:
        assert len((await cached_source.line_items.get("2026-01", CallContext())).items) == 19
    restatements = [log for log in logs if log["event"] == "A posted invoice has changed."]
    assert (source.decodings, len(restatements)) == (2, 1)


def _size(value: Any) -> int:
    """Return the bytes of a value and of everything in it, without the keys of its objects."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return getsizeof(value) + sum(map(_size, items))


@pytest.mark.parametrize("value", [[], {}, 0, "", 0.1, "some text", {"a": 1}, ["a", [None], {}], [[[]]]])
@in_virtual_time
async def test_the_estimated_size_covers_the_rows(value: Any) -> None:
    source, cache = Source(), ResourceCache()
    source.lines = [{"a": [value] * 1000, "b": {"c": value}} for _ in range(2)]

    await cached(source, cache).line_items.get("2026-01", CallContext())

    assert _size(source.lines) < cache.bytes < 6 * _size(source.lines)
