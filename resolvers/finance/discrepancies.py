"""Discrepancies: the checks that do not come out exact, over all matching invoices."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice

from providers.checks import InvoiceFigures
from providers.errors import ProviderError
from resolvers.accounts import ConnectedAccount
from resolvers.coverage import account_coverage, total_count
from resolvers.invoices import InvoiceQuery
from resolvers.pacer import Pacer
from resolvers.pagination import PageWindow, SortOrder
from resolvers.scan import AccountScan
from schema.connection import PageArgs
from schema.discrepancy import Discrepancy, DiscrepancyConnection
from schema.invoice import Invoice
from schema.reconciliation import Check, Severity, Verdict

from .account_checks import ReadInvoice, account_checks
from .checks import SEVERITIES
from .reconciliation import Reconciler

MAX_CONCURRENT_INVOICES = 100  # invoices of one account whose line items are fetched at once: each may cost a call
_NO_START = datetime.min.replace(tzinfo=UTC)  # of an account as a whole
_WORST_FIRST: SortOrder[Discrepancy] = SortOrder(
    lambda discrepancy: discrepancy.key, (int, datetime, str, int), descending=True
)


class DiscrepancyQuery:
    """A query for discrepancies. It holds few more than a page of them, however many there are."""

    def __init__(
        self, query: InvoiceQuery, reconciler: Reconciler, page_args: PageArgs, min_severity: Severity
    ) -> None:
        """Raises BadUserInput if the page arguments are invalid."""
        self._query, self._reconciler = query, reconciler
        self._severities = SEVERITIES[SEVERITIES.index(min_severity) :]
        self._page_window = PageWindow(page_args, _WORST_FIRST)
        self._read: dict[str, list[ReadInvoice]] = {}  # by account
        self._earlier: list[Discrepancy] = []  # at most one that precedes the page
        self._kept: list[Discrepancy] = []  # that may be on the page or next to it
        self._count, self._pacer = 0, Pacer()

    async def page(self) -> DiscrepancyConnection:
        """Check all invoices, and return the page."""
        results = await self._query.visit(self._check)
        is_filtered = not self._query.predicate.selects_by_period_only
        for result in results:
            read = self._read.get(result.account.id, ())
            outcomes = account_checks(result, read, is_filtered=is_filtered)
            for index, (invoice, check) in enumerate(outcomes):
                result.account.report(check)
                self._add(result.account, invoice, check, index)
                await self._pacer.step()
        page = self._page_window.page_of(self._earlier + self._kept)
        return DiscrepancyConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=_WORST_FIRST.cursor_of,
            count=total_count(range(self._count), results),
            coverage=[account_coverage(result) for result in results],
        )

    async def _check(self, scan: AccountScan, invoices: Sequence[Invoice]) -> None:
        remaining, read = iter(invoices), self._read.setdefault(scan.account.id, [])
        while batch := list(islice(remaining, MAX_CONCURRENT_INVOICES)):
            for figures in await self._figures(batch, scan):
                read.append(ReadInvoice.of(figures))
                for index, check in enumerate(await self._reconciler.check(figures)):
                    self._add(scan.account, figures.invoice, check, -1 - index)

    async def _figures(self, invoices: Sequence[Invoice], scan: AccountScan) -> list[InvoiceFigures]:
        """Return the figures of each invoice. One whose lines fail is left out and reported."""
        outcomes = await asyncio.gather(*map(self._reconciler.figures, invoices), return_exceptions=True)
        figures: list[InvoiceFigures] = []
        for outcome in outcomes:
            if isinstance(outcome, ProviderError):
                scan.failures.append(outcome.with_traceback(None))
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                figures.append(outcome)
        return figures

    def _add(self, account: ConnectedAccount, invoice: Invoice | None, check: Check, position: int) -> None:
        """Add an outcome if it is a discrepancy. `position` is unique among those of the invoice or the account."""
        if check.verdict is Verdict.EXACT or check.severity not in self._severities:
            return
        self._count += 1
        start, owner = (invoice.period.start, str(invoice.id)) if invoice else (_NO_START, account.id)
        key = SEVERITIES.index(check.severity), start, owner, position
        discrepancy = Discrepancy(account=account.account, invoice=invoice, check=check, key=key)
        if not self._page_window.follows_after(discrepancy):
            self._earlier = [discrepancy]
            return
        self._kept.append(discrepancy)
        limit = self._page_window.size + 1  # one beyond the page tells that there are more
        if len(self._kept) > 4 * limit:
            self._kept = _WORST_FIRST.sorted(self._kept)[:limit]
