"""The list of invoices over many accounts: filtered, sorted, paginated, with the coverage of each account."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial

from execution.awaitable import LazyAwaitable
from providers import ids
from providers.source import DateWindow
from schema.connection import PageArgs
from schema.filters import InvoiceFilter, InvoiceOrder
from schema.invoice import Invoice
from schema.invoice_list import InvoiceConnection
from schema.totals import InvoiceTotals
from schema.values import unset_to_none

from .accounts import AccountRegistry, ConnectedAccount
from .coverage import MATCHES_NOTHING, AccountResult, account_coverage
from .fan_out import for_each_account
from .filters import InvoicePredicate, compile_filter
from .loaders import Loaders
from .pacer import Pacer
from .pagination import PageWindow
from .payment_terms import PaymentTerms
from .scan import NEWEST_FIRST, OLDEST_FIRST, AccountScan
from .sums import CurrencySums

VisitInvoices = Callable[[AccountScan, list[Invoice]], Awaitable[None]]  # the scan of the account, and the matches


class InvoiceQuery:
    """A query for invoices: the accounts to read and the filter to apply."""

    def __init__(
        self,
        registry: AccountRegistry,
        loaders: Loaders,
        filter_by: InvoiceFilter | None,
        account_ids: Sequence[str] | None = None,
    ) -> None:
        """Raises BadUserInput if the filter contradicts itself. `account_ids` narrows the filter, never widens it."""
        self._loaders = loaders
        self.predicate: InvoicePredicate = compile_filter(filter_by, PaymentTerms(lambda: registry, loaders.clock.now))
        self.accounts = candidate_accounts(registry, filter_by, account_ids)

    async def page(self, page_args: PageArgs, order_by: InvoiceOrder) -> InvoiceConnection:
        """Return one page.

        Each account is read newest first. A page counted from the newest invoice needs only one match beyond the page.
        A page counted from the oldest invoice needs every invoice that the filter and the cursors allow.
        """
        newest_first = order_by is InvoiceOrder.NEWEST_FIRST
        page_window = PageWindow(page_args, NEWEST_FIRST if newest_first else OLDEST_FIRST)
        dates = _narrow_dates(self.predicate.window, page_window, newest_first)
        starts_at_newest = newest_first != page_window.is_backward  # the end of the list from which the page is counted
        limit = page_window.size + 1 if starts_at_newest else None
        collected = await for_each_account(
            self.accounts, lambda account: self._collect(account, dates, page_window, limit)
        )
        page = page_window.page_of(invoice for _, invoices in collected for invoice in invoices)
        results = self._record_exclusions([result for result, _ in collected])
        return InvoiceConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=page_window.order.cursor_of,
            count=lambda: LazyAwaitable(lambda: self._count(results)),
            sum_totals=lambda: self._sum_totals(results),
            coverage=[account_coverage(result) for result in results],
        )

    async def all(self) -> tuple[list[Invoice], list[AccountResult]]:
        """Return every matching invoice, newest first, and the result of each account."""
        invoices: list[Invoice] = []

        async def keep(_: AccountScan, matches: list[Invoice]) -> None:
            invoices.extend(matches)

        results = await self.visit(keep)
        return NEWEST_FIRST.sorted(invoices), results

    async def visit(self, visit: VisitInvoices) -> list[AccountResult]:
        """Pass every matching invoice to `visit`, and return the result of each account.

        The accounts are read concurrently, each newest first. Raises the first exception of `visit`.
        """
        return self._record_exclusions(await for_each_account(self.accounts, partial(self._visit, visit)))

    async def _visit(self, visit: VisitInvoices, account: ConnectedAccount) -> AccountResult:
        result = self.skip(account)
        if result is not None:
            return result
        scan = AccountScan(account, self._loaders, self.predicate.window)
        result = AccountResult(account, scan)
        async for invoices in scan.newest_first():
            await visit(scan, list(self._matches(invoices, result)))
        return result

    def _matches(self, invoices: Iterable[Invoice], result: AccountResult) -> Iterator[Invoice]:
        """Yield the invoices that match. Counts those that do not state what the filter asks for in `result`."""
        for invoice in invoices:
            is_match = self.predicate(invoice)
            result.excluded += is_match is None
            if is_match:
                yield invoice

    def _record_exclusions(self, results: list[AccountResult]) -> list[AccountResult]:
        """Record the accounts with excluded invoices for the whole request, and return the results."""
        for result in results:
            if result.excluded:
                self._loaders.outcomes.of(result.account).has_exclusions = True
        return results

    async def _collect(
        self,
        account: ConnectedAccount,
        dates: DateWindow,
        page_window: PageWindow[Invoice],
        limit: int | None,
    ) -> tuple[AccountResult, list[Invoice]]:
        """Return the account's matches. Stops as soon as `limit` of them lie between the cursors of the page."""
        result = self.skip(account)
        if result is not None:
            return result, []
        scan = AccountScan(account, self._loaders, dates)
        result, matches_in_page = AccountResult(account, scan), 0
        matches: list[Invoice] = []
        async for invoices in scan.newest_first():
            for invoice in self._matches(invoices, result):
                matches.append(invoice)
                matches_in_page += page_window.contains(invoice)
                if matches_in_page == limit:
                    return result, matches
        return result, matches

    def skip(self, account: ConnectedAccount) -> AccountResult | None:
        """Return the result of an account that cannot match. Returns None if the account must be called."""
        if self.predicate.matches_nothing:
            return AccountResult(account, note=MATCHES_NOTHING)
        if not self.predicate.can_match(account):
            note = f"{account.spec.name} is not called: it never states what the filter requires."
            return AccountResult(account, excluded=1, note=note)
        return None

    async def _count(self, results: list[AccountResult]) -> int | None:
        """Return the number of all matches. Returns None if an account could not be read in full."""
        if not all(result.is_complete for result in results):
            return None
        counts = await for_each_account(self.accounts, self._count_matches)
        return None if None in counts else sum(count for count in counts if count is not None)

    async def _sum_totals(self, results: list[AccountResult]) -> InvoiceTotals | None:
        """Return the sums of the stated totals of all matches. Returns None if an account could not be read in full.

        Raises ProviderError if a total cannot be read.
        """
        if not all(result.is_complete for result in results):
            return None
        sums, pacer = CurrencySums(), Pacer()

        async def add(_: AccountScan, matches: list[Invoice]) -> None:
            for invoice in matches:
                sums.add(invoice.total_without_lookup)
                await pacer.step()

        if not all(result.is_complete for result in await self.visit(add)):
            return None
        return InvoiceTotals(sums=sums.moneys, invoices=sums.added, without_total=sums.unpriced)

    async def _count_matches(self, account: ConnectedAccount) -> int | None:
        """Return the account's number of matches, or None if it could not be read in full.

        Takes the provider's own total if the predicate has no tests. Otherwise reads and counts all invoices.
        """
        if self.skip(account):
            return 0
        scan = AccountScan(account, self._loaders, self.predicate.window)
        count = 0
        async for invoices in scan.newest_first():
            if not self.predicate.tests and scan.total is not None and not scan.is_finished and not scan.failures:
                return scan.total
            count += sum(map(bool, map(self.predicate, invoices)))
        return None if scan.failures else count


def candidate_accounts(
    registry: AccountRegistry, filter_by: InvoiceFilter | None, account_ids: Sequence[str] | None = None
) -> list[ConnectedAccount]:
    """Return the accounts whose invoices can match a filter on accounts, providers and projects.

    `account_ids` narrows the filter.
    """
    if filter_by is None:
        return registry.select(account_ids)
    projects = unset_to_none(filter_by.projects)
    owners = set(map(ids.owner, projects)) if projects else None
    restrictions = [set(each) for each in (account_ids, unset_to_none(filter_by.accounts), owners) if each is not None]
    return registry.select(
        set.intersection(*restrictions) if restrictions else None, unset_to_none(filter_by.providers)
    )


def _narrow_dates(dates: DateWindow, page_window: PageWindow[Invoice], newest_first: bool) -> DateWindow:
    """Return the narrowest window that contains every invoice within `dates` and between the two cursors."""
    newer, older = (page_window.after, page_window.before) if newest_first else (page_window.before, page_window.after)
    newest = [day for day in (dates.newest, newer and _day(newer[0])) if day]
    oldest = [day for day in (dates.oldest, older and _day(older[0])) if day]
    return DateWindow(max(oldest, default=None), min(newest, default=None))


def _day(moment: object) -> date:
    return moment.date()  # type: ignore[attr-defined,no-any-return]
