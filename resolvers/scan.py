"""Scan of one account's invoices, newest first, page by page on demand."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from itertools import pairwise
from operator import attrgetter

from providers.errors import NotFound, ProviderError
from providers.source import DateWindow, InvoicePage
from schema.invoice import Invoice

from .accounts import ConnectedAccount
from .cursor import SortKey
from .loaders import Loaders
from .pagination import SortOrder
from .paging import EndlessList, iterate_pages

invoice_key: Callable[[Invoice], SortKey] = attrgetter("period.start", "id")
NEWEST_FIRST: SortOrder[Invoice] = SortOrder(invoice_key, (datetime, str), descending=True)
OLDEST_FIRST: SortOrder[Invoice] = SortOrder(invoice_key, (datetime, str))


class AccountScan:
    """One pass over a source's pages. Afterwards it holds the failures, and the age of the responses."""

    def __init__(self, account: ConnectedAccount, loaders: Loaders, window: DateWindow) -> None:
        self.account = account
        self._loaders, self._window = loaders, window
        self._seen_ids: set[str] = set()
        self._is_newest_first = True  # so far
        self.oldest_observation: datetime | None = None
        self.failures: list[ProviderError] = []
        self.more_failures = 0  # number of further failures
        self.stale_reason: ProviderError | None = None  # why some of the data is stale
        self.invoices = 0  # number of invoices that could be read
        self.reference: str | None = None  # the account's id at the provider, if a page names it
        self.total: int | None = None  # the provider's count within the window, if one page does not hold all
        self.stated_total: int | None = None  # the provider's count within the window, on its first page
        self.is_finished = False  # every page of the window has been read

    async def newest_first(self) -> AsyncIterator[list[Invoice]]:
        """Yield each invoice once, newest first.

        An invoice is yielded when no unread page can hold a newer one, or one with the same start.
        """
        buffer: list[Invoice] = []
        async for invoices, has_more in self._pages():
            new_invoices = self._without_duplicates(invoices)
            watermark = self._watermark(new_invoices, buffer) if has_more else None
            buffer = NEWEST_FIRST.sorted(buffer + new_invoices)
            if watermark is not None:
                newer = [invoice for invoice in buffer if invoice.period.start > watermark]
                buffer = buffer[len(newer) :]
                yield newer
        self.is_finished = True
        yield buffer

    def _without_duplicates(self, invoices: list[Invoice]) -> list[Invoice]:
        """Return the invoices that no page has shown before, each once."""
        new_invoices = []
        for invoice in invoices:
            if invoice.id not in self._seen_ids:
                self._seen_ids.add(invoice.id)
                new_invoices.append(invoice)
        self.invoices += len(new_invoices)
        return new_invoices

    def _watermark(self, new_invoices: list[Invoice], buffer: list[Invoice]) -> datetime | None:
        """Return the latest start that a later page may have: no later page has an invoice that starts after this.

        Returns None if the provider does not list newest first.
        """
        starts = [invoice.period.start for invoice in buffer[-1:] + new_invoices]
        self._is_newest_first = self._is_newest_first and all(one >= other for one, other in pairwise(starts))
        return starts[-1] if starts and self._is_newest_first else None

    async def _pages(self) -> AsyncIterator[tuple[list[Invoice], bool]]:
        """Yield each page's invoices, and whether another page follows. A failure ends the iteration."""
        try:
            async for page in iterate_pages(self.account.account_ref, self._load_page):
                self._record_page(page)
                yield page.invoices + await self._load_listed_keys(page), page.next_cursor is not None
        except EndlessList as failure:
            self.add_failure(failure.with_traceback(None))
        except ProviderError as failure:
            # Without its traceback, which refers to this frame: that would be a reference cycle.
            self.failures.append(failure.with_traceback(None))

    def _load_page(self, cursor: str | None) -> Awaitable[InvoicePage]:
        return self._loaders.page(self.account.id, self._window, cursor, listing=True)

    def _record_page(self, page: InvoicePage) -> None:
        self.failures += page.failures
        self.more_failures += page.more_failures
        self.record_observation(page.observed_at, page.stale_reason)
        self.reference = self.reference or page.reference
        if self.stated_total is None:
            self.stated_total = page.total
        if page.next_cursor is not None and self.total is None:
            self.total = page.total

    async def _load_listed_keys(self, page: InvoicePage) -> list[Invoice]:
        """Load the invoices of which the page has only the key, all at once. Each can fail by itself."""
        invoices: list[Invoice] = []
        outcomes = await self._loaders.invoices(self.account.id, page.keys)
        failed_keys = self._loaders.outcomes.of(self.account).failed_keys
        for key, outcome in zip(page.keys, outcomes, strict=True):
            if not isinstance(outcome, Invoice):
                failed_keys[key] = None
            if isinstance(outcome, Invoice):
                self.record_observation(outcome.observed_at, outcome.stale_reason)
                invoices.append(outcome)
            elif isinstance(outcome, ProviderError):
                self.failures.append(outcome)
            elif outcome is None:
                self.add_failure(NotFound(self.account.account_ref))
            else:
                raise outcome
        return invoices

    def add_failure(self, failure: ProviderError) -> None:
        """Add a failure that no call reported, also to the outcomes of the request."""
        self.failures.append(failure)
        self._loaders.outcomes.of(self.account).failures.append(failure)

    def record_observation(self, observed_at: datetime | None, stale_reason: Exception | None) -> None:
        if observed_at is not None:
            self.oldest_observation = min(observed_at, self.oldest_observation or observed_at)
        if isinstance(stale_reason, ProviderError):
            self.stale_reason = self.stale_reason or stale_reason
