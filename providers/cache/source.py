"""A source whose answers are remembered: below the loaders, above the clients, the same for every provider."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from providers.deadline import current_deadline
from providers.errors import NotFound, ProviderError
from providers.settings import AccountSettings
from providers.source import MONTH_TO_DATE, DateWindow, InvoicePage, InvoiceSource, LineItems
from providers.ttl import CacheClass
from schema.invoice import Invoice

from . import policy
from .dependencies import dependencies
from .memory import CachedResource, Fetched, ResourceCache
from .restatements import RestatementTracker
from .shared import SharedCache, SharedResource, is_posted

# Whether the request that is being answered wants every answer from its provider, however fresh the one remembered is.
bypass_cache: ContextVar[bool] = ContextVar("read_through", default=False)

T = TypeVar("T")
MAX_RESOURCES = 240  # that are kept, of an account's invoices and of their lines: each is made once for all who ask
OBJECT_OVERHEAD = 1_000  # bytes that a translated invoice or line takes besides its wire, roughly
_encoder = msgspec.json.Encoder()
TRANSLATION_FACTOR = 2  # times what an invoice's wire takes, which it takes with all that is translated of it


class CachedSource:
    """Answers like the source that it wraps, and asks it only for what the memory does not hold."""

    def __init__(self, source: InvoiceSource, memory: ResourceCache, shared: SharedCache | None = None) -> None:
        self._source, self._memory, self._shared = source, memory, shared
        self._namespace, self._owner = cache_namespace(source.settings), source.settings.owner
        self._ttl = source.settings.freshness
        self.restatements = RestatementTracker(self._owner, self._namespace, memory, source.volatile_keys)
        self._invoice_resources, self._line_items_resources = (
            lru_cache(MAX_RESOURCES)(self._invoice_resource),
            lru_cache(MAX_RESOURCES)(self._line_items_resource),
        )

    @property
    def settings(self) -> AccountSettings:
        return self._source.settings

    @property
    def reference(self) -> str | None:
        return self._source.reference

    @property
    def volatile_keys(self) -> frozenset[str]:
        return self._source.volatile_keys

    @property
    def list_is_local(self) -> bool:
        return self._source.list_is_local

    @property
    def list_is_static(self) -> bool:
        return self._source.list_is_static

    async def page(self, window: DateWindow, cursor: str | None, /) -> InvoicePage:
        if self.list_is_local:
            if not self.list_is_static and (noted := dependencies.get()):
                noted.is_cacheable = False
            return await self._source.page(window, cursor)

        def ask() -> Awaitable[InvoicePage]:
            return self._source.page(window, cursor)

        name = f"page {window.oldest} {window.newest} {cursor}"
        page = await self._get(self._resource(name, ask, _page_cache_class, _stale_page, self.restatements.page))
        if page.failures:
            return _fill_from_stale(page, self._peek(name))
        return page

    def invoice(self, native: str, /) -> Awaitable[Invoice | None]:
        return self._get(self._invoice_resources(native))

    def _invoice_resource(self, native: str) -> CachedResource[Invoice | None]:
        name = f"invoice {native}"

        def kind(invoice: Invoice | None) -> CacheClass:
            running = invoice is not None and native == MONTH_TO_DATE
            return CacheClass.MONTH_TO_DATE if running else policy.classify_invoice(invoice)

        async def ask() -> Invoice | None:
            found = await self._source.invoice(native)
            if found is None and is_posted(self._peek(name)):
                raise NotFound(self._owner)
            return found

        return self._resource(name, ask, kind, _stale_invoice, self.restatements.invoice)

    def period_end(self, native: str, /) -> datetime | None:
        return self._source.period_end(native)

    def line_items(self, native: str, /) -> Awaitable[LineItems]:
        return self._get(self._line_items_resources(native))

    def _line_items_resource(self, native: str) -> CachedResource[LineItems]:
        def kind(_: LineItems) -> CacheClass:
            end = self._source.period_end(native)
            return CacheClass.INVOICE if end is None else policy.classify_by_age(end)

        def ask() -> Awaitable[LineItems]:
            return self._source.line_items(native)

        def note(lines: LineItems) -> None:
            self.restatements.line_items(native, lines)
            lines.items.serialize_eagerly()

        return self._resource(f"lines {native}", ask, kind, _stale_line_items, note)

    def _peek(self, name: str) -> Any:
        """What may still be given of it."""
        return self._memory.peek(f"{self._namespace} {name}", self._ttl.stale_for)

    def _resource(
        self,
        name: str,
        ask: Callable[[], Awaitable[T]],
        kind: Callable[[T], CacheClass | None],
        aged: Callable[[T, ProviderError], T],
        note: Callable[[T], None],
    ) -> CachedResource[T]:
        key, stale_for = f"{self._namespace} {name}", self._ttl.stale_for

        def seconds(value: T) -> float | None:
            found = kind(value)
            return None if found is None else self._ttl.seconds_for(found)

        async def fetch(within: float) -> Fetched[T]:
            if self._shared is None:
                value, age = await ask(), 0.0
            else:
                had = await self._shared.get(SharedResource(key, self._owner, ask, seconds, stale_for), within)
                if had.stale_reason is not None:
                    return Fetched(aged(had.value, had.stale_reason), None)
                value, age = had.value, had.age
            note(value)
            return Fetched(value, seconds(value), age)

        return CachedResource(key, self._owner, fetch, stale_for, aged, estimate_size)

    def _get(self, wanted: CachedResource[T]) -> Awaitable[T]:
        return self._memory.get(wanted, current_deadline(), bypass=bypass_cache.get())


def cache_namespace(settings: AccountSettings) -> str:
    """Whose answers these are: provider, address, account and, one way, the key that they were read with.

    The configured currency is part of what is translated.
    """
    whose = f"{settings.provider} {settings.base_url} {settings.tenant} {settings.id} {settings.currency}"
    key = blake2b(whose.encode(), digest_size=32).digest()
    return f"{whose} {blake2b(settings.api_key.get_secret_value().encode(), key=key, digest_size=16).hexdigest()}"


def _page_cache_class(page: InvoicePage) -> CacheClass | None:
    """Not remembered: a page that asked nobody, or holds what could not be read."""
    return None if page.observed_at is None or page.failures else CacheClass.LIST


def _stale_page(page: InvoicePage, why: ProviderError) -> InvoicePage:
    return replace(page, invoices=[_as_stale(invoice, why) for invoice in page.invoices], stale_reason=why)


def _fill_from_stale(page: InvoicePage, before: InvoicePage | None) -> InvoicePage:
    """With the invoices that stood there before: one of them may be what could not be read."""
    read = {invoice.id for invoice in page.invoices}
    missed = [
        _as_stale(invoice, page.failures[0])
        for invoice in (before.invoices if before else ())
        if invoice.id not in read
    ]
    invoices = sorted(page.invoices + missed, key=lambda invoice: invoice.period.start, reverse=True)
    return replace(page, invoices=invoices) if missed else page


def _stale_invoice(invoice: Invoice | None, why: ProviderError) -> Invoice | None:
    """That there was none an hour ago is no answer."""
    if invoice is None:
        raise why
    return _as_stale(invoice, why)


def _as_stale(invoice: Invoice, why: ProviderError) -> Invoice:
    """A copy that says so; the remembered one may be fresh again tomorrow."""
    aged = copy(invoice)
    aged.stale, aged.stale_reason = True, why
    return aged


def _stale_line_items(lines: LineItems, why: ProviderError) -> LineItems:
    return replace(lines, stale_reason=why)


def estimate_size(value: object) -> int:
    """About how many bytes of memory an answer takes, with what will be translated of it."""
    match value:
        case InvoicePage():
            return OBJECT_OVERHEAD + sum(map(estimate_size, value.invoices))
        case Invoice():
            return OBJECT_OVERHEAD + TRANSLATION_FACTOR * _estimate_json_size(_encoder.encode(value.payload))
        case LineItems():
            return OBJECT_OVERHEAD * (1 + len(value.items)) + _estimate_json_size(value.items.body or b"")
        case _:
            return OBJECT_OVERHEAD


def _estimate_json_size(text: bytes) -> int:
    """Rather too much: each value follows a comma, or opens its list or object."""
    return len(text) + 60 * text.count(b",") + 240 * text.count(b"{") + 120 * text.count(b"[")
