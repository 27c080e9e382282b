"""The caching source: the keys and the sizes of one account's entries."""

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
from providers.cache.source import cache_namespace
from providers.call import CallContext
from providers.errors import ProviderError, Unintelligible
from providers.source import DateWindow, InvoicePage, LineItems
from providers.spectrocloud.translate import SpectroCloudInvoice
from schema.invoice import Invoice
from tests.recorded import recorded_payload
from tests.uncached import cached

OWNER = AccountRef("spectrocloud", "Spectro Cloud Palette", "palette")


class Source:
    """An account with any number of invoices, each decoded from its own body."""

    reference = "t"
    volatile_keys = frozenset({"metadata", "states"})
    list_is_local = list_is_static = False

    def __init__(self, payload: Any = None, **settings: Any) -> None:
        self.settings = PROVIDERS["spectrocloud"].settings.model_validate(
            {"id": "palette", "provider": "spectrocloud", "api_key": SecretStr("a-secret"), "tenant_uid": "t"}
            | {"invoice_uids": ["u"]}
            | settings
        )
        self._body = json.dumps(payload or recorded_payload("spectrocloud", "invoice.200")).encode()
        self._decoder = msgspec.json.Decoder(float_hook=str)
        self.calls = 0
        self.failures: list[ProviderError] = []

    async def page(self, _window: DateWindow, _cursor: str | None, call: CallContext) -> InvoicePage:
        return InvoicePage(datetime.now(UTC), [await self.invoice("u", call)], failures=self.failures)

    async def invoice(self, provider_key: str, _call: CallContext) -> Invoice:
        self.calls += 1
        payload = self._decoder.decode(self._body)
        payload["metadata"]["uid"] = provider_key
        return SpectroCloudInvoice.translate(payload, self.settings.account_ref, datetime.now(UTC))

    def is_absence_certain(self, provider_key: str) -> bool:
        return True

    def period_end(self, provider_key: str) -> None: ...

    async def line_items(self, _provider_key: str, _call: CallContext) -> LineItems:
        return LineItems(observed_at=None)


def minimal_payload(**status: Any) -> Any:
    """Return an invoice's payload with the required fields only."""
    period = {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}
    return {"metadata": {"uid": "u"}, "spec": {"billingPeriod": period}, "status": status}


async def test_a_page_with_an_unreadable_row_is_not_cached() -> None:
    source = Source()
    cached_source = cached(source)
    source.failures = [Unintelligible(OWNER)]
    for _ in range(2):
        await cached_source.pages.get((DateWindow(), None), CallContext())
    assert source.calls == 2

    source.failures = []
    for _ in range(2):
        await cached_source.pages.get((DateWindow(), None), CallContext())
    assert source.calls == 3


async def test_entry_keys_do_not_reveal_the_credential() -> None:
    namespace = cache_namespace(Source(api_key=SecretStr("a-secret")).settings)

    assert "secret" not in namespace
    assert "palette" in namespace


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
async def test_different_accounts_share_no_entry(other: dict[str, Any]) -> None:
    cache = ResourceCache()
    sources = [Source(), Source(**other)]

    for source in sources:
        await cached(source, cache).invoices.get("u", CallContext())

    assert [source.calls for source in sources] == [1, 1]


async def test_a_reload_keeps_the_entries_of_an_account() -> None:
    cache = ResourceCache()
    sources = [Source(), Source(name="another name", concurrency=2)]

    for source in sources:
        await cached(source, cache).invoices.get("u", CallContext())

    assert [source.calls for source in sources] == [1, 0]


def _compute_fields(lazy_object: Any) -> None:
    """Read every attribute, so that each lazy field is computed."""
    for field in fields(lazy_object):
        value = getattr(lazy_object, field.name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, LazyObject):
                _compute_fields(item)


async def _bytes_of_filled_cache(source: Source, max_bytes: int, invoices: int, earlier_invoices: int = 0) -> int:
    """Return the bytes that a cache takes after so many invoices, each with every part computed.

    `earlier_invoices`: so many others went through the cache before. It must not keep any of them.
    """
    cached_source = cached(source, ResourceCache(max_bytes=max_bytes))
    for number in range(invoices, invoices + earlier_invoices):
        await cached_source.invoices.get(f"{number:024x}", CallContext())
    gc.collect()
    objects = len(gc.get_objects())
    tracemalloc.start()
    try:
        for number in range(invoices):
            invoice = await cached_source.invoices.get(f"{number:024x}", CallContext())
            assert invoice
            for part in (invoice.line_part, invoice.credit_part, invoice.charge_part):
                assert part
                for item in part.get(invoice) or ():
                    _compute_fields(item)
        del invoice
        gc.collect()
        assert not earlier_invoices or len(gc.get_objects()) < 1.5 * objects
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


async def test_100_000_invoices_stay_within_the_bound() -> None:
    max_bytes = 4 * 1024 * 1024

    size = await _bytes_of_filled_cache(Source(minimal_payload()), max_bytes, 10_000, earlier_invoices=90_000)

    assert max_bytes * 0.5 < size <= max_bytes * 1.25


async def test_translated_parts_stay_within_the_bound() -> None:
    payload, max_bytes = recorded_payload("spectrocloud", "invoice.200"), 4 * 1024 * 1024
    payload["status"]["projects"] = payload["status"]["projects"] * 40

    size = await _bytes_of_filled_cache(Source(payload), max_bytes, 150)

    assert max_bytes * 0.5 < size <= max_bytes * 1.25
