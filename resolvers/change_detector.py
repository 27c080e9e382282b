"""One account's invoices as they were last seen, and what differs when they are looked at again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from providers import ids
from providers.cache import policy
from providers.errors import ProviderError, Unintelligible
from providers.source import InvoicePage, InvoiceSource, Window
from providers.ttl import Kind
from schema.invoice import Invoice
from schema.payment import PaymentStatus
from schema.subscription import InvoiceChangeKind

Seen = tuple[datetime | None, PaymentStatus | None, tuple[str, ...]]  # when it was restated, and its payment
MOST_PAGES = 1_000


class Sightings:
    """Empty before the first look, which tells nothing. What could not be read is told of when it is read again."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}  # by the invoice's id
        self._settled: set[str] = set()  # the native keys of those that are not asked for one by one again
        self._named: set[str] = set()  # the native keys that a list which only names has named
        self._whole = False  # the list has been read to its end

    async def look(self, source: InvoiceSource) -> AsyncIterator[tuple[InvoiceChangeKind, Invoice]]:
        """Asks for the list, and one by one for what it only names and is not settled; raises ProviderError."""
        known, named = self._whole, set[str]()
        async for page in _pages(source):
            for invoice in page.invoices:
                for kind in self._changes(invoice, new=known):
                    yield kind, invoice
            named.update(page.natives)
            async for invoice in self._each(source, page):
                for kind in self._changes(invoice, new=known and ids.native(invoice.id) not in self._named):
                    yield kind, invoice
        self._named |= named
        self._whole = True

    async def _each(self, source: InvoiceSource, page: InvoicePage) -> AsyncIterator[Invoice]:
        """What a page only names; one that fails is asked for at the next look."""
        wanted = [native for native in page.natives if native not in self._settled]
        for outcome in await asyncio.gather(*map(source.invoice, wanted), return_exceptions=True):
            if isinstance(outcome, Invoice):
                if policy.of_invoice(outcome) is Kind.SETTLED and not outcome.stale:
                    self._settled.add(ids.native(outcome.id))
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
    for _ in range(MOST_PAGES):
        page = await source.page(Window(), cursor)
        yield page
        if page.stale_because is not None:
            raise page.stale_because
        cursor = page.next
        if cursor is None:
            return
    raise Unintelligible(source.settings.owner, "its pages go round in a circle")
