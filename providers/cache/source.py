"""Source with a cache: a decorator between the loaders and a provider's client, the same for every provider."""

from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from providers.call import CallContext
from providers.errors import NotFound, ProviderError
from providers.settings import AccountSettings
from providers.source import MONTH_TO_DATE, DateWindow, InvoicePage, InvoiceSource, LineItems
from providers.transport.json_body import estimate_memory
from providers.ttl import CacheClass
from schema.invoice import Invoice, ReceivedBody

from . import policy
from .memory import ResourceCache
from .resource import CachedResource, Fetched
from .restatements import RestatementTracker
from .shared import SharedCache, SharedResource, is_posted

T = TypeVar("T")
MAX_RESOURCES = 240  # `CachedResource` objects of invoices, and of line items, that an account reuses
OBJECT_OVERHEAD = 1_000  # bytes that a translated invoice or line item takes besides its payload, estimated
TRANSLATION_FACTOR = 2  # memory of an invoice with all that is translated from it, in multiples of its payload
_encoder = msgspec.json.Encoder()


class CachedSource:
    """An `InvoiceSource` that calls the wrapped source only for what the cache does not hold."""

    def __init__(self, source: InvoiceSource, cache: ResourceCache, shared: SharedCache | None = None) -> None:
        self._source, self._cache, self._shared = source, cache, shared
        self._namespace, self._account_ref = cache_namespace(source.settings), source.settings.account_ref
        self._ttl = source.settings.freshness
        self.restatements = RestatementTracker(self._account_ref, self._namespace, cache, source.volatile_keys)
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

    async def page(self, window: DateWindow, cursor: str | None, call: CallContext, /) -> InvoicePage:
        if self.list_is_local:
            if not self.list_is_static and call.dependencies is not None:
                call.dependencies.is_cacheable = False
            return await self._source.page(window, cursor, call)

        def call_source(call: CallContext) -> Awaitable[InvoicePage]:
            return self._source.page(window, cursor, call)

        name = f"page {window.oldest} {window.newest} {cursor}"
        resource = self._resource(
            name, call_source, _page_cache_class, _stale_page, lambda page, _: self.restatements.page(page)
        )
        page = await self._cache.get(resource, call)
        if page.failures:
            return _fill_from_stale(page, self._peek(name))
        return page

    def invoice(self, provider_key: str, call: CallContext, /) -> Awaitable[Invoice | None]:
        return self._cache.get(self._invoice_resources(provider_key), call)

    def _invoice_resource(self, provider_key: str) -> CachedResource[Invoice | None]:
        name = f"invoice {provider_key}"

        def classify(invoice: Invoice | None) -> CacheClass:
            is_month_to_date = invoice is not None and provider_key == MONTH_TO_DATE
            return CacheClass.MONTH_TO_DATE if is_month_to_date else policy.classify_invoice(invoice)

        async def call_source(call: CallContext) -> Invoice | None:
            invoice = await self._source.invoice(provider_key, call)
            if invoice is None and is_posted(self._peek(name)):
                raise NotFound(self._account_ref)
            return invoice

        return self._resource(
            name, call_source, classify, _stale_invoice, lambda invoice, _: self.restatements.invoice(invoice)
        )

    def period_end(self, provider_key: str, /) -> datetime | None:
        return self._source.period_end(provider_key)

    def line_items(self, provider_key: str, call: CallContext, /) -> Awaitable[LineItems]:
        return self._cache.get(self._line_items_resources(provider_key), call)

    def _line_items_resource(self, provider_key: str) -> CachedResource[LineItems]:
        def classify(_: LineItems) -> CacheClass:
            period_end = self._source.period_end(provider_key)
            return CacheClass.INVOICE if period_end is None else policy.classify_by_age(period_end)

        def call_source(call: CallContext) -> Awaitable[LineItems]:
            return self._source.line_items(provider_key, call)

        def process(lines: LineItems, call: CallContext) -> None:
            self.restatements.line_items(provider_key, lines)
            lines.items.serialize_eagerly(call.serializers)

        return self._resource(f"lines {provider_key}", call_source, classify, _stale_line_items, process)

    def _peek(self, name: str) -> Any:
        """Return the cached value if it is fresh, or not too stale to replace a failure."""
        return self._cache.peek(f"{self._namespace} {name}", self._ttl.stale_for)

    def _resource(
        self,
        name: str,
        call_source: Callable[[CallContext], Awaitable[T]],
        classify: Callable[[T], CacheClass | None],
        as_stale: Callable[[T, ProviderError], T],
        process: Callable[[T, CallContext], None],
    ) -> CachedResource[T]:
        """Return a resource of the account.

        `classify` returns None for a value that must not be cached. `process` runs on each fetched value before it
        is cached.
        """
        key, stale_for = f"{self._namespace} {name}", self._ttl.stale_for

        def ttl(value: T) -> float | None:
            cache_class = classify(value)
            return None if cache_class is None else self._ttl.seconds_for(cache_class)

        async def fetch(call: CallContext, max_age_fraction: float) -> Fetched[T]:
            if self._shared is None:
                value, age = await call_source(call), 0.0
            else:
                shared_resource = SharedResource(key, self._account_ref, call_source, ttl, stale_for)
                hit = await self._shared.get(shared_resource, call, max_age_fraction)
                if hit.stale_reason is not None:
                    return Fetched(as_stale(hit.value, hit.stale_reason), None)
                value, age = hit.value, hit.age
            process(value, call)
            return Fetched(value, ttl(value), age)

        return CachedResource(key, self._account_ref, fetch, stale_for, as_stale, estimate_size)


def cache_namespace(settings: AccountSettings) -> str:
    """Return the key prefix of an account's entries: provider, address, tenant, account, currency, API key.

    The API key is hashed, so that the prefix does not reveal it.
    The configured currency is included because the translation depends on it.
    """
    account = f"{settings.provider} {settings.base_url} {settings.tenant} {settings.id} {settings.currency}"
    key = blake2b(account.encode(), digest_size=32).digest()
    return f"{account} {blake2b(settings.api_key.get_secret_value().encode(), key=key, digest_size=16).hexdigest()}"


def _page_cache_class(page: InvoicePage) -> CacheClass | None:
    """Return the class of a page. None means: do not cache.

    The page then needed no call, or has entries that could not be read.
    """
    return None if page.observed_at is None or page.failures else CacheClass.LIST


def _stale_page(page: InvoicePage, reason: ProviderError) -> InvoicePage:
    return replace(page, invoices=[_as_stale(invoice, reason) for invoice in page.invoices], stale_reason=reason)


def _fill_from_stale(page: InvoicePage, previous: InvoicePage | None) -> InvoicePage:
    """Return the page with the missing invoices of the previous one: an unreadable entry may be one of them."""
    invoice_ids = {invoice.id for invoice in page.invoices}
    missing = [
        _as_stale(invoice, page.failures[0])
        for invoice in (previous.invoices if previous else ())
        if invoice.id not in invoice_ids
    ]
    invoices = sorted(page.invoices + missing, key=lambda invoice: invoice.period.start, reverse=True)
    return replace(page, invoices=invoices) if missing else page


def _stale_invoice(invoice: Invoice | None, reason: ProviderError) -> Invoice | None:
    """Return the invoice marked as stale. Raises the reason if it was absent: an old absence proves nothing."""
    if invoice is None:
        raise reason
    return _as_stale(invoice, reason)


def _as_stale(invoice: Invoice, reason: ProviderError) -> Invoice:
    """Return a copy marked as stale. The cached invoice stays as it is: a later request may find it fresh."""
    stale_invoice = copy(invoice)
    stale_invoice.stale, stale_invoice.stale_reason = True, reason
    return stale_invoice


def _stale_line_items(lines: LineItems, reason: ProviderError) -> LineItems:
    return replace(lines, stale_reason=reason)


def estimate_size(value: object) -> int:
    """Return about how many bytes of memory a value takes, with everything that will be translated from it."""
    match value:
        case InvoicePage(body=ReceivedBody() as body, invoices=invoices):
            return OBJECT_OVERHEAD * (1 + len(invoices)) + TRANSLATION_FACTOR * body.memory
        case InvoicePage():
            return OBJECT_OVERHEAD + sum(map(estimate_size, value.invoices))
        case Invoice(body=ReceivedBody() as body):
            return OBJECT_OVERHEAD + TRANSLATION_FACTOR * body.memory
        case Invoice():  # of a source that does not state the body
            return OBJECT_OVERHEAD + TRANSLATION_FACTOR * estimate_memory(_encoder.encode(value.payload))
        case LineItems():
            return OBJECT_OVERHEAD * (1 + len(value.items)) + estimate_memory(value.items.body or b"")
        case _:
            return OBJECT_OVERHEAD
