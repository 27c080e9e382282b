"""One account's invoices as they were last seen, and what differs when they are looked at again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from providers import ids
from providers.cache import policy
from providers.errors import ProviderError, Unintelligible
from providers.source import DateWindow, InvoicePage, InvoiceSource
from providers.ttl import CacheClass
from schema.invoice import Invoice
from schema.payment import PaymentStatus
from schema.subscription import InvoiceChangeKind

InvoiceSnapshot = tuple[datetime | None, PaymentStatus | None, tuple[str, ...]]  # when it was restated, and its payment
MAX_PAGES = 1_000


class ChangeDetector:
    """Empty before the first look, which tells nothing. What could not be read is told of when it is read again."""

    def __init__(self) -> None:
        self._seen: dict[str, InvoiceSnapshot] = {}  # by the invoice's id
        self._settled: set[str] = set()  # the native keys of those that are not asked for one by one again
        self._named: set[str] = set()  # the native keys that a list which only names has named
        self._baseline_complete = False  # the list has been read to its end

    async def poll(self, source: InvoiceSource) -> AsyncIterator[tuple[InvoiceChangeKind, Invoice]]:
        """Asks for the list, and one by one for what it only names and is not settled; raises ProviderError."""
        known, named = self._baseline_complete, set[str]()
        async for page in _pages(source):
            for invoice in page.invoices:
                for kind in self._changes(invoice, new=known):
                    yield kind, invoice
            named.update(page.keys)
            async for invoice in self._each(source, page):
                for kind in self._changes(invoice, new=known and ids.provider_key(invoice.id) not in self._named):
                    yield kind, invoice
        self._named |= named
        self._baseline_complete = True

    async def _each(self, source: InvoiceSource, page: InvoicePage) -> AsyncIterator[Invoice]:
        """What a page only names; one that fails is asked for at the next look."""
        wanted = [native for native in page.keys if native not in self._settled]
        for outcome in await asyncio.gather(*map(source.invoice, wanted), return_exceptions=True):
            if isinstance(outcome, Invoice):
                if policy.classify_invoice(outcome) is CacheClass.SETTLED and not outcome.stale:
                    self._settled.add(ids.provider_key(outcome.id))
                yield outcome
            elif isinstance(outcome, BaseException) and not isinstance(outcome, ProviderError):
                raise outcome

    def _changes(self, invoice: Invoice, *, new: bool) -> list[InvoiceChangeKind]:
        if invoice.stale:  # nothing was seen: its provider failed
            return []
        states = tuple(state.word for state in invoice.payment_states or ())
        now = invoice.restated_at, invoice.payment_status, states
        before = self._seen.get(str(invoice.id))
        self._seen[str(invoice.id)] = now
        if before is None:
            return [InvoiceChangeKind.NEW] if new else []
        restated = [InvoiceChangeKind.RESTATED] if now[0] != before[0] else []
        return restated + ([InvoiceChangeKind.PAYMENT] if now[1:] != before[1:] else [])


async def _pages(source: InvoiceSource) -> AsyncIterator[InvoicePage]:
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await source.page(DateWindow(), cursor)
        yield page
        if page.stale_reason is not None:
            raise page.stale_reason
        cursor = page.next_cursor
        if cursor is None:
            return
    raise Unintelligible(source.settings.owner, "its pages go round in a circle")
