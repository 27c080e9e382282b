"""The list of credits over many accounts: each credit once, as the newest invoice shows it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from execution.awaitable import LazyAwaitable, value_of
from providers import ids
from providers.errors import ProviderError
from schema.connection import PageArgs
from schema.credit import Credit, CreditConnection
from schema.filters import CreditFilter
from schema.invoice import Invoice

from .accounts import AccountRegistry, ConnectedAccount
from .coverage import AccountResult, account_coverage
from .credit_filter import CreditPredicate
from .cursor import SortKey
from .fan_out import for_each_account
from .filters import starts_in_window
from .invoice_fields import InvoiceFields
from .loaders import Loaders
from .pagination import PageWindow, SortOrder
from .scan import AccountScan, invoice_key

MAX_CONCURRENT_INVOICES = 8  # invoices of one account whose credits are fetched at once: each may cost a call


def _sort_key(credit: Credit) -> SortKey:
    """Return the key of the credit's invoice, then the credit's id: the pages follow the order of the invoices."""
    invoice = credit.parent
    return (*(invoice_key(invoice) if invoice else (datetime.min.replace(tzinfo=UTC), "")), str(credit.id))


NEWEST_FIRST: SortOrder[Credit] = SortOrder(_sort_key, (datetime, str, str), descending=True)


class CreditQuery:
    """A query for credits: the accounts to read and the filter to apply. A page reads few invoices beyond its need."""

    def __init__(
        self,
        registry: AccountRegistry,
        loaders: Loaders,
        invoice_fields: InvoiceFields,
        filter_by: CreditFilter | None,
    ) -> None:
        """Raises BadUserInput if the filter contradicts itself."""
        self._loaders, self._invoice_fields = loaders, invoice_fields
        self._predicate = CreditPredicate(filter_by, loaders.clock.now)
        self._accounts = registry.select(self._predicate.account_ids)

    async def page(self, page_args: PageArgs) -> CreditConnection:
        page_window = PageWindow(page_args, NEWEST_FIRST)
        collected = await for_each_account(self._accounts, lambda account: self._collect(account, page_window))
        page = page_window.page_of(credit for _, credits in collected for credit in credits)
        return CreditConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=page_window.order.cursor_of,
            count=lambda: LazyAwaitable(self._count),
            coverage=[account_coverage(result) for result, _ in collected],
        )

    async def _collect(
        self, account: ConnectedAccount, page_window: PageWindow[Credit] | None
    ) -> tuple[AccountResult, list[Credit]]:
        """Return the account's matching credits. Stops when the page has one more than it holds.

        Reads all invoices in the filter's window if `page_window` is None.
        """
        note = self._predicate.exclusion(account)
        if note is not None:
            return AccountResult(account, note=note), []
        scan = AccountScan(account, self._loaders, self._predicate.window)
        seen: set[SortKey] = set()
        matches: list[Credit] = []
        async for batch in self._batches(scan):
            for credits in await self._fetch_credits(batch, scan):
                matches += [credit for credit in credits if self._is_new_match(credit, seen)]
            if page_window is not None and sum(map(page_window.contains, matches)) > page_window.size:
                break
        return AccountResult(account, scan), matches

    async def _batches(self, scan: AccountScan) -> AsyncIterator[list[Invoice]]:
        """Yield invoices, newest first, in batches of 1, 2, 4 and then 8: few are read beyond what a page needs."""
        batch: list[Invoice] = []
        size = 1
        async for invoices in scan.newest_first():
            for invoice in invoices:
                if not starts_in_window(self._predicate.window, invoice):
                    continue
                batch.append(invoice)
                if len(batch) == size:
                    yield batch
                    batch, size = [], min(size * 2, MAX_CONCURRENT_INVOICES)
        if batch:
            yield batch

    async def _fetch_credits(self, invoices: list[Invoice], scan: AccountScan) -> list[list[Credit]]:
        """Return the credits of each invoice, fetched concurrently. Adds each failure to the scan."""
        outcomes = await asyncio.gather(*map(self._credits_of, invoices), return_exceptions=True)
        results: list[list[Credit]] = []
        for outcome in outcomes:
            if isinstance(outcome, ProviderError):
                scan.failures.append(outcome)
            elif isinstance(outcome, BaseException):
                raise outcome
            results.append(outcome if isinstance(outcome, list) else [])
        return results

    async def _credits_of(self, invoice: Invoice) -> list[Credit] | None:
        return await value_of(self._invoice_fields.credits(invoice))

    def _is_new_match(self, credit: Credit, seen: set[SortKey]) -> bool:
        """Return True if the credit matches the filter and no newer invoice shows it. Adds the credit to `seen`."""
        ref = ids.parse(str(credit.id))
        key = (credit.kind, *(ref.provider_keys[1:] if ref else (str(credit.id),)))  # without the invoice's key
        is_new = key not in seen
        seen.add(key)
        return is_new and self._predicate(credit)

    async def _count(self) -> int | None:
        """Return the number of all matching credits, or None if an account could not be read in full.

        Reads every invoice in the filter's window.
        """
        collected = await for_each_account(self._accounts, lambda account: self._collect(account, None))
        if not all(result.is_complete for result, _ in collected):
            return None
        return sum(len(credits) for _, credits in collected)
