"""Detection of changes between two polls of one account's invoices."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from providers import ids
from providers.cache import policy
from providers.call import CallContext
from providers.errors import ProviderError, Unintelligible
from providers.source import DateWindow, InvoicePage, InvoiceSource
from providers.ttl import CacheClass
from schema.invoice import Invoice
from schema.payment import PaymentStatus
from schema.subscription import InvoiceChangeKind

# Time of the last restatement, payment status, and the provider's words for the payment states.
InvoiceSnapshot = tuple[datetime | None, PaymentStatus | None, tuple[str, ...]]
MAX_PAGES = 1_000


class ChangeDetector:
    """Snapshots of one account's invoices. The first poll takes the baseline, and reports no change.

    An invoice that could not be read is reported when it can be read again.
    """

    def __init__(self) -> None:
        self._snapshots: dict[str, InvoiceSnapshot] = {}  # by invoice id
        self._settled_keys: set[str] = set()  # provider keys that are not fetched one by one again
        self._listed_keys: set[str] = set()  # provider keys that a list without invoice data has named
        self._baseline_complete = False  # every page of the list has been read once

    async def poll(self, source: InvoiceSource, call: CallContext) -> AsyncIterator[tuple[InvoiceChangeKind, Invoice]]:
        """Fetch the list, and each unsettled invoice of which the list has only the key; yield what has changed.

        Raises ProviderError if a page cannot be fetched.
        """
        has_baseline, listed_keys = self._baseline_complete, set[str]()
        async for page in _pages(source, call):
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
        self, source: InvoiceSource, page: InvoicePage, call: CallContext
    ) -> AsyncIterator[Invoice]:
        """Load the unsettled invoices of which the page has only the key. The next poll retries those that fail."""
        keys = [key for key in page.keys if key not in self._settled_keys]
        fetches = (source.invoice(key, call) for key in keys)
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


async def _pages(source: InvoiceSource, call: CallContext) -> AsyncIterator[InvoicePage]:
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await source.page(DateWindow(), cursor, call)
        yield page
        if page.stale_reason is not None:
            raise page.stale_reason
        cursor = page.next_cursor
        if cursor is None:
            return
    raise Unintelligible(source.settings.account_ref, f"its list has more than {MAX_PAGES} pages")
