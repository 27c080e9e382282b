"""Detection of changes between two polls of one account's invoices."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from providers import ids
from providers.cache import policy
from providers.cache.source import CachedSource
from providers.call import CallContext
from providers.errors import ProviderError
from providers.source import DateWindow, InvoicePage
from providers.ttl import CacheClass
from schema.invoice import Invoice
from schema.payment import PaymentStatus
from schema.subscription import InvoiceChangeKind

from .paging import iterate_pages

# Time of the last restatement, payment status, and the provider's words for the payment states.
InvoiceSnapshot = tuple[datetime | None, PaymentStatus | None, tuple[str, ...]]


class ChangeDetector:
    """Snapshots of one account's invoices. The first poll takes the baseline, and reports no change.

    An invoice that could not be read is reported when it can be read again.
    """

    def __init__(self) -> None:
        self._snapshots: dict[str, InvoiceSnapshot] = {}  # by invoice id
        self._settled_keys: set[str] = set()  # provider keys that are not fetched one by one again
        self._listed_keys: set[str] = set()  # provider keys that a list without invoice data has named
        self._baseline_complete = False  # every page of the list has been read once

    async def poll(self, source: CachedSource, call: CallContext) -> AsyncIterator[tuple[InvoiceChangeKind, Invoice]]:
        """Fetch the list, and each unsettled invoice of which the list has only the key; yield what has changed.

        Raises ProviderError if a page cannot be fetched.
        """
        has_baseline, listed_keys = self._baseline_complete, set[str]()
        account_ref = source.settings.account_ref
        async for page in iterate_pages(account_ref, lambda cursor: source.pages.get((DateWindow(), cursor), call)):
            for invoice in page.invoices:
                for kind in self._changes(invoice, is_new=has_baseline):
                    yield kind, invoice
            listed_keys.update(page.keys)
            async for invoice in self._load_listed_keys(source, page, call):
                is_new = has_baseline and ids.provider_key(invoice.id) not in self._listed_keys
                for kind in self._changes(invoice, is_new=is_new):
                    yield kind, invoice
        self._listed_keys |= listed_keys
        self._baseline_complete = True

    async def _load_listed_keys(
        self, source: CachedSource, page: InvoicePage, call: CallContext
    ) -> AsyncIterator[Invoice]:
        """Load the unsettled invoices of which the page has only the key. The next poll retries those that fail."""
        keys = [key for key in page.keys if key not in self._settled_keys]
        fetches = (source.invoices.get(key, call) for key in keys)
        for outcome in await asyncio.gather(*fetches, return_exceptions=True):
            if isinstance(outcome, Invoice):
                if policy.classify_invoice(outcome) is CacheClass.SETTLED and not outcome.stale:
                    self._settled_keys.add(ids.provider_key(outcome.id))
                yield outcome
            elif isinstance(outcome, BaseException) and not isinstance(outcome, ProviderError):
                raise outcome

    def _changes(self, invoice: Invoice, *, is_new: bool) -> list[InvoiceChangeKind]:
        if invoice.stale:  # the provider failed, so this is no new observation
            return []
        states = tuple(state.word for state in invoice.payment_states or ())
        snapshot = invoice.restated_at, invoice.payment_status, states
        previous = self._snapshots.get(str(invoice.id))
        self._snapshots[str(invoice.id)] = snapshot
        if previous is None:
            return [InvoiceChangeKind.NEW] if is_new else []
        restated = [InvoiceChangeKind.RESTATED] if snapshot[0] != previous[0] else []
        return restated + ([InvoiceChangeKind.PAYMENT] if snapshot[1:] != previous[1:] else [])
