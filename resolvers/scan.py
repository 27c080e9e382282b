"""One account's invoices, newest first, read only as far as somebody looks."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from itertools import pairwise
from operator import attrgetter

from providers.errors import NotFound, ProviderError, Unintelligible
from providers.source import DateWindow, InvoicePage
from schema.invoice import Invoice

from .accounts import ConnectedAccount
from .cursor import SortKey
from .loaders import Loaders
from .pagination import SortOrder

invoice_key: Callable[[Invoice], SortKey] = attrgetter("period.start", "id")
NEWEST_FIRST: SortOrder[Invoice] = SortOrder(invoice_key, (datetime, str), descending=True)
OLDEST_FIRST: SortOrder[Invoice] = SortOrder(invoice_key, (datetime, str))


class AccountScan:
    """Walks a source's pages once; what went wrong and how old the answers are stands in it afterwards."""

    def __init__(self, member: ConnectedAccount, loaders: Loaders, window: DateWindow) -> None:
        self.account = member
        self._loaders, self._window = loaders, window
        self._seen: set[str] = set()
        self._in_order = True
        self.oldest_observation: datetime | None = None
        self.failures: list[ProviderError] = []
        self.stale_reason: ProviderError | None = None  # why some of it is older than it should be
        self.invoices = 0  # how many could be read
        self.total: int | None = None  # what the provider counts within the window, where one page does not hold it
        self.is_finished = False  # the whole window has been read

    async def newest_first(self) -> AsyncIterator[list[Invoice]]:
        """Each invoice once. One is given out when no page that is still unread can hold a newer one, or its peer."""
        held: list[Invoice] = []
        async for invoices, more in self._pages():
            fresh = self._unseen(invoices)
            edge = self._watermark(fresh, held) if more else None
            held = NEWEST_FIRST.sorted(held + fresh)
            if edge is not None:
                newer = [invoice for invoice in held if invoice.period.start > edge]
                held = held[len(newer) :]
                yield newer
        self.is_finished = True
        yield held

    def _unseen(self, invoices: list[Invoice]) -> list[Invoice]:
        """Those that no page has shown before, each once."""
        fresh = []
        for invoice in invoices:
            if invoice.id not in self._seen:
                self._seen.add(invoice.id)
                fresh.append(invoice)
        self.invoices += len(fresh)
        return fresh

    def _watermark(self, fresh: list[Invoice], held: list[Invoice]) -> datetime | None:
        """The start that later pages cannot exceed; none when the provider does not list newest first."""
        starts = [invoice.period.start for invoice in held[-1:] + fresh]
        self._in_order = self._in_order and all(one >= other for one, other in pairwise(starts))
        return starts[-1] if starts and self._in_order else None

    async def _pages(self) -> AsyncIterator[tuple[list[Invoice], bool]]:
        """The pages' invoices, and whether more follow; a failure ends them."""
        asked: set[str | None] = set()
        cursor: str | None = None
        while cursor not in asked:
            asked.add(cursor)
            try:
                page = await self._loaders.page(self.account.id, self._window, cursor, listing=True)
            except ProviderError as failure:
                self.failures.append(failure.with_traceback(None))  # a traceback leads back to here
                return
            self._note(page)
            invoices = page.invoices + await self._load_listed_keys(page)
            cursor = page.next_cursor
            yield invoices, cursor is not None
            if cursor is None:
                return
        self.failures.append(Unintelligible(self.account.owner, "its pages go round in a circle"))

    def _note(self, page: InvoicePage) -> None:
        self.failures += page.failures
        self.record_observation(page.observed_at, page.stale_reason)
        if page.next_cursor is not None and self.total is None:
            self.total = page.total

    async def _load_listed_keys(self, page: InvoicePage) -> list[Invoice]:
        """The invoices that a page only names, all at once; each fails for itself."""
        found: list[Invoice] = []
        for outcome in await self._loaders.invoices(self.account.id, page.keys):
            if isinstance(outcome, Invoice):
                self.record_observation(outcome.observed_at, outcome.stale_reason)
                found.append(outcome)
            elif isinstance(outcome, ProviderError):
                self.failures.append(outcome)
            elif outcome is None:
                self.failures.append(NotFound(self.account.owner))
            else:
                raise outcome
        return found

    def record_observation(self, at: datetime | None, stale_because: Exception | None) -> None:
        if at is not None:
            self.oldest_observation = min(at, self.oldest_observation or at)
        if isinstance(stale_because, ProviderError):
            self.stale_reason = self.stale_reason or stale_because
