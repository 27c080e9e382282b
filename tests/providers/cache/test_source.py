"""What one account's answers are remembered as: under whose key, and at what weight."""

import gc
import json
import tracemalloc
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from execution.lazy import LazyObject
from providers import PROVIDERS
from providers.account import AccountRef
from providers.cache.memory import ResourceCache
from providers.cache.source import CachedSource, cache_namespace
from providers.errors import ProviderError, Unintelligible
from providers.source import DateWindow, InvoicePage, LineItems
from providers.spectrocloud import translate
from schema.invoice import Invoice
from tests.recorded import recorded

OWNER = AccountRef("spectrocloud", "Spectro Cloud Palette", "palette")


class Source:
    """One account with any number of invoices, each read from a body of its own."""

    reference = "t"
    volatile_keys = frozenset({"metadata", "states"})
    list_is_local = list_is_static = False

    def __init__(self, wire: Any = None, **settings: Any) -> None:
        self.settings = PROVIDERS["spectrocloud"].settings.model_validate(
            {"id": "palette", "provider": "spectrocloud", "api_key": SecretStr("a-secret"), "tenant_uid": "t"}
            | {"invoice_uids": ["u"]}
            | settings
        )
        self._body = json.dumps(wire or recorded("spectrocloud", "invoice.200")).encode()
        self._decoder = msgspec.json.Decoder(float_hook=str)
        self.asked = 0
        self.failures: list[ProviderError] = []

    async def page(self, _window: DateWindow, _cursor: str | None) -> InvoicePage:
        return InvoicePage(datetime.now(UTC), [await self.invoice("u")], failures=self.failures)

    async def invoice(self, native: str) -> Invoice:
        self.asked += 1
        wire = self._decoder.decode(self._body)
        wire["metadata"]["uid"] = native
        return translate.invoice(wire, self.settings.owner, datetime.now(UTC))

    def period_end(self, native: str) -> None: ...

    async def line_items(self, _native: str) -> LineItems:
        return LineItems(observed_at=None)


def bill(**status: Any) -> Any:
    """A bill with no more in it than there must be."""
    period = {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}
    return {"metadata": {"uid": "u"}, "spec": {"billingPeriod": period}, "status": status}


async def test_a_page_with_a_row_that_cannot_be_read_is_not_remembered() -> None:
    source = Source()
    remembered = CachedSource(source, ResourceCache())
    source.failures = [Unintelligible(OWNER)]
    for _ in range(2):
        await remembered.page(DateWindow(), None)
    assert source.asked == 2

    source.failures = []
    for _ in range(2):
        await remembered.page(DateWindow(), None)
    assert source.asked == 3


async def test_no_key_of_an_entry_shows_the_credential() -> None:
    shown = cache_namespace(Source(api_key=SecretStr("a-secret")).settings)

    assert "secret" not in shown
    assert "palette" in shown


@pytest.mark.parametrize(
    "other",
    [
        {"id": "another"},
        {"api_key": SecretStr("another-secret")},
        {"base_url": "https://palette.example.com"},
        {"tenant_uid": "another"},
        {"currency": "EUR"},
    ],
)
async def test_accounts_that_differ_in_anything_share_no_entry(other: dict[str, Any]) -> None:
    memory = ResourceCache()
    sources = [Source(), Source(**other)]

    for source in sources:
        await CachedSource(source, memory).invoice("u")

    assert [source.asked for source in sources] == [1, 1]


async def test_the_same_account_shares_its_entries_over_a_new_configuration() -> None:
    memory = ResourceCache()
    sources = [Source(), Source(name="called otherwise", concurrency=2)]

    for source in sources:
        await CachedSource(source, memory).invoice("u")

    assert [source.asked for source in sources] == [1, 0]


def _read(thing: Any) -> None:
    """Every attribute, so that whatever is made late is there."""
    for field in fields(thing):
        value = getattr(thing, field.name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, LazyObject):
                _read(each)


async def _filled(source: Source, bound: int, invoices: int, before: int = 0) -> int:
    """The bytes taken by a memory through which so many invoices went, each with all that is made of its parts.

    `before`: so many others went before, none of which may be there still.
    """
    remembered = CachedSource(source, ResourceCache(most_bytes=bound))
    for number in range(invoices, invoices + before):
        await remembered.invoice(f"{number:024x}")
    gc.collect()
    objects = len(gc.get_objects())
    tracemalloc.start()
    try:
        for number in range(invoices):
            invoice = await remembered.invoice(f"{number:024x}")
            assert invoice
            for part in (invoice.line_part, invoice.credit_part, invoice.charge_part):
                assert part
                for each in part.get(invoice) or ():
                    _read(each)
        del invoice
        gc.collect()
        assert not before or len(gc.get_objects()) < 1.5 * objects
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


async def test_memory_stays_within_its_bound_over_100_000_distinct_invoices() -> None:
    bound = 4 * 1024 * 1024

    taken = await _filled(Source(bill()), bound, 10_000, before=90_000)

    assert bound * 0.5 < taken <= bound * 1.25


async def test_memory_stays_within_its_bound_whatever_is_translated_of_an_invoice() -> None:
    wire, bound = recorded("spectrocloud", "invoice.200"), 4 * 1024 * 1024
    wire["status"]["projects"] = wire["status"]["projects"] * 40

    taken = await _filled(Source(wire), bound, 150)

    assert bound * 0.5 < taken <= bound * 1.25
