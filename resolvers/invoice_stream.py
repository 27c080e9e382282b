"""Every matching invoice with its lines, for files: read in batches, none of which is kept."""

from collections.abc import AsyncIterator, Iterator, Sequence
from copy import copy
from dataclasses import dataclass

from execution.awaitable import value_of
from execution.gather import gather_or_cancel
from execution.rows import RowList
from providers.errors import ProviderError
from schema.invoice import Invoice
from schema.line_item import LineItem

from .coverage import AccountResult
from .focus.record import BillingAccount, billing_account
from .invoice_fields import InvoiceFields
from .invoices import InvoiceQuery
from .loaders import Loaders
from .scan import AccountScan

MAX_CONCURRENT_INVOICES = 8  # whose lines are fetched at once: each may cost a call


@dataclass(slots=True)
class StreamedInvoice:
    """An invoice and its lines. `lines` is None if they were not asked for, or the provider lists none."""

    billing: BillingAccount
    invoice: Invoice
    lines: Sequence[LineItem] | None

    def scan_lines(self) -> Iterator[LineItem]:
        """Yield each line as a new object, so that no line that was read stays in memory."""
        return self.lines.scan() if isinstance(self.lines, RowList) else iter(self.lines or ())


class InvoiceStream:
    """Reads account by account, each newest first. Holds one page of a list, and the lines of one batch.

    Iterate once. `results` then has how far each account was read.
    """

    def __init__(self, query: InvoiceQuery, fields: InvoiceFields, loaders: Loaders, *, with_lines: bool) -> None:
        self._query, self._fields, self._loaders, self._with_lines = query, fields, loaders, with_lines
        self.results: list[AccountResult] = []

    async def __aiter__(self) -> AsyncIterator[StreamedInvoice]:
        for account in self._query.accounts:
            result = self._query.skip(account)
            self.results.append(result or AccountResult(account))
            if result is None:
                async for streamed in self._account(self.results[-1]):
                    yield streamed

    async def _account(self, result: AccountResult) -> AsyncIterator[StreamedInvoice]:
        scan = result.scan = AccountScan(result.account, self._loaders, self._query.predicate.window)
        async for page in scan.newest_first():
            matches = [invoice for invoice in page if self._is_match(invoice, result)]
            billing = billing_account(result.account, scan.reference)
            for start in range(0, len(matches), MAX_CONCURRENT_INVOICES):
                batch = matches[start : start + MAX_CONCURRENT_INVOICES]
                for streamed in await gather_or_cancel(
                    [self._with_its_lines(invoice, billing, scan) for invoice in batch]
                ):
                    yield streamed
                self._loaders.release()

    def _is_match(self, invoice: Invoice, result: AccountResult) -> bool:
        is_match = self._query.predicate(invoice)
        result.excluded += is_match is None
        return bool(is_match)

    async def _with_its_lines(self, invoice: Invoice, billing: BillingAccount, scan: AccountScan) -> StreamedInvoice:
        """Return the invoice with its lines. Records in the scan if they could not be fetched."""
        # A copy, because the cache shares the invoice: what is read of it would stay in memory.
        streamed = StreamedInvoice(billing, copy(invoice), None)
        if self._with_lines:
            try:
                streamed.lines = await value_of(self._fields.lines(streamed.invoice))
            except ProviderError as failure:
                scan.failures.append(failure.with_traceback(None))
        return streamed
