"""The cached resources of one account: what resolvers read. It is the same for every provider."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from hashlib import blake2b

from providers.call import CallContext
from providers.errors import NotFound, ProviderError
from providers.observer import UNOBSERVED, CallObserver
from providers.settings import AccountSettings
from providers.source import MONTH_TO_DATE, InvoicePage, InvoiceSource, LineItems
from providers.store.protocol import Store
from providers.ttl import CacheClass
from schema.invoice import Invoice

from . import policy
from .baselines import BaselineStore
from .memory import MISSING, Missing, ResourceCache
from .resources import AccountCaches, AccountResources, PageKey
from .restatements import RestatementTracker
from .shared import SharedCache, is_posted
from .signature import EntrySigner


class CachedSource:
    """The resources of an account. It calls the `InvoiceSource` only for what no cache holds.

    It opens the source when it first needs it. Most of many thousand accounts are listed but never read.
    """

    def __init__(
        self,
        settings: AccountSettings,
        open_source: Callable[[], InvoiceSource],
        cache: ResourceCache,
        store: Store | None = None,
        observer: CallObserver = UNOBSERVED,
    ) -> None:
        self.settings, self.observer = settings, observer
        self._open_source, self._cache, self._store = open_source, cache, store

    @cached_property
    def _source(self) -> InvoiceSource:
        return self._open_source()

    @cached_property
    def _caches(self) -> AccountCaches:
        namespace, shared, baselines = cache_namespace(self.settings), None, None
        if self._store is not None:
            signer = EntrySigner(self.settings)
            shared, baselines = SharedCache(self._store, signer), BaselineStore(self._store, signer, namespace)
        restatements = RestatementTracker(
            self.settings.account_ref, namespace, self._cache, self._source.volatile_keys, baselines, self.observer
        )
        return AccountCaches(namespace, self._cache, shared, restatements, self.observer)

    @cached_property
    def pages(self) -> "Pages":
        return Pages(self._source, self._caches)

    @cached_property
    def invoices(self) -> "Invoices":
        return Invoices(self._source, self._caches)

    @cached_property
    def line_items(self) -> "LineItemLists":
        return LineItemLists(self._source, self._caches)

    @property
    def reference(self) -> str | None:
        """The account's id at the provider. None if the configuration does not contain it."""
        return self._source.reference

    def is_absence_certain(self, provider_key: str) -> bool:
        """Whether a failure with NotFound means that there is no such invoice."""
        return self._source.is_absence_certain(provider_key)


class Pages(AccountResources[PageKey, InvoicePage]):
    """The pages of the account's list. A list in the configuration is not cached."""

    kind = "page"

    def find(self, key: PageKey, call: CallContext) -> InvoicePage | Missing:
        return MISSING if self._source.list_is_local else super().find(key, call)

    def get_many(self, keys: Sequence[PageKey], call: CallContext) -> list[InvoicePage | asyncio.Future[InvoicePage]]:
        if not self._source.list_is_local:
            return super().get_many(keys, call)
        if not self._source.list_is_static and call.dependencies is not None:
            call.dependencies.is_cacheable = False
        return [asyncio.ensure_future(self.call_source(key, call)) for key in keys]

    def key_text(self, key: PageKey) -> str:
        window, cursor = key
        return f"{window.oldest} {window.newest} {cursor}"

    def call_source(self, key: PageKey, call: CallContext) -> Awaitable[InvoicePage]:
        return self._source.page(*key, call)

    def cache_class(self, _: PageKey, page: InvoicePage) -> CacheClass | None:
        """Return None for a page that needed no call, or has entries that could not be read."""
        return None if page.observed_at is None or page.failures else CacheClass.LIST

    def as_stale(self, page: InvoicePage, reason: ProviderError) -> InvoicePage:
        return replace(page, invoices=[_as_stale(invoice, reason) for invoice in page.invoices], stale_reason=reason)

    async def on_fetch(self, key: PageKey, page: InvoicePage, _: CallContext) -> InvoicePage:
        await self.caches.restatements.page(page)
        return _fill_from_stale(page, self.peek(key)) if page.failures else page


class Invoices(AccountResources[str, Invoice | None]):
    """The account's invoices by provider key. None: the provider has no invoice by that key."""

    kind = "invoice"

    async def call_source(self, key: str, call: CallContext) -> Invoice | None:
        invoice = await self._source.invoice(key, call)
        is_replayed = call.recording is not None and call.recording.replay_only  # stored because it was certain
        is_certain = is_replayed or self._source.is_absence_certain(key)
        if invoice is None and (is_posted(self.peek(key)) or not is_certain):
            raise NotFound(self.account_ref)
        return invoice

    def cache_class(self, key: str, invoice: Invoice | None) -> CacheClass:
        is_month_to_date = invoice is not None and key == MONTH_TO_DATE
        return CacheClass.MONTH_TO_DATE if is_month_to_date else policy.classify_invoice(invoice)

    def as_stale(self, invoice: Invoice | None, reason: ProviderError) -> Invoice | None:
        """Return the invoice marked as stale. Raises the reason if it was absent: an old absence proves nothing."""
        if invoice is None:
            raise reason
        return _as_stale(invoice, reason)

    async def on_fetch(self, _key: str, invoice: Invoice | None, _: CallContext) -> Invoice | None:
        await self.caches.restatements.invoice(invoice)
        return invoice


class LineItemLists(AccountResources[str, LineItems]):
    """The line items of the account's invoices, if they need a call of their own, by the invoice's provider key."""

    kind = "lines"

    def call_source(self, key: str, call: CallContext) -> Awaitable[LineItems]:
        return self._source.line_items(key, call)

    def cache_class(self, key: str, _: LineItems) -> CacheClass:
        period_end = self._source.period_end(key)
        return CacheClass.INVOICE if period_end is None else policy.classify_by_age(period_end)

    def as_stale(self, lines: LineItems, reason: ProviderError) -> LineItems:
        return replace(lines, stale_reason=reason)

    async def on_fetch(self, key: str, lines: LineItems, call: CallContext) -> LineItems:
        await self.caches.restatements.line_items(key, lines)
        lines.items.serialize_eagerly(call.serializers)
        return lines


def cache_namespace(settings: AccountSettings) -> str:
    """Return the key prefix of an account's entries: provider, address, tenant, account, currency, API key.

    The API key is hashed, so that the prefix does not reveal it.
    The configured currency is included because the translation depends on it.
    """
    account = f"{settings.provider} {settings.base_url} {settings.tenant} {settings.id} {settings.currency}"
    key = blake2b(account.encode(), digest_size=32).digest()
    return f"{account} {blake2b(settings.api_key.get_secret_value().encode(), key=key, digest_size=16).hexdigest()}"


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


def _as_stale(invoice: Invoice, reason: ProviderError) -> Invoice:
    """Return a copy marked as stale. The cached invoice stays as it is: a later request may find it fresh."""
    stale_invoice = copy(invoice)
    stale_invoice.stale, stale_invoice.stale_reason = True, reason
    return stale_invoice
