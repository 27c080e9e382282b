"""Spend: exact sums over all matching invoices, with the coverage of each account."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice

from execution.awaitable import value_of
from providers.errors import ProviderError
from providers.registry import Capability
from resolvers.accounts import AccountRegistry, ConnectedAccount
from resolvers.coverage import account_coverage
from resolvers.invoice_fields import InvoiceFields
from resolvers.invoices import InvoiceQuery
from resolvers.scan import AccountScan
from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.spend import Spend, SpendArgs, SpendBreakdown, SpendKey, Unattributed

from .addends import (
    Addend,
    AmountReader,
    StatedTotal,
    lines_without_project,
    shares_of_projects,
    shares_with_residual,
)
from .conversion import Converter
from .ledger import Ledger
from .rows import SpendRows
from .views import choose_view, filtered_projects

MAX_CONCURRENT_INVOICES = 100  # invoices of one account whose line items are fetched at once: each may cost a call
MAX_FAILURES = 10  # unreadable amounts of one account that are kept; further ones are counted


class SpendQuery:
    """A query for sums: the invoices to add, the view of their money, and the keys of the rows."""

    def __init__(
        self,
        registry: AccountRegistry,
        query: InvoiceQuery,
        invoice_fields: InvoiceFields,
        args: SpendArgs,
        converter: Converter | None,
    ) -> None:
        """Raises BadUserInput if the arguments contradict each other."""
        self._registry, self._query, self._invoice_fields = registry, query, invoice_fields
        self._view, self._projects = choose_view(args), filtered_projects(args.filter_by)
        self._needs_lines = self._view is not SpendBreakdown.TOTALS and self._projects is None
        self._target = args.convert_to
        self._ledger = Ledger(list(dict.fromkeys(args.group_by)), converter)

    async def sum(self) -> Spend:
        """Read the invoices and add them. Raises BadUserInput if there are too many rows."""
        results = await self._query.visit(self._add)
        rows = SpendRows(self._registry, self._ledger, self._view, self._target)
        return Spend(
            rows=await rows.of_groups(),
            totals=rows.of_totals(),
            breakdown=self._view,
            coverage=[account_coverage(result) for result in results],
        )

    async def _add(self, scan: AccountScan, invoices: Iterable[Invoice]) -> None:
        reader, remaining = AmountReader(partial(_report, scan)), iter(invoices)
        while batch := list(islice(remaining, MAX_CONCURRENT_INVOICES)):
            for invoice, lines in await self._with_lines(batch, scan):
                addends = self._addends_of(scan.account, invoice, lines, reader)
                await self._ledger.add(invoice, _values(scan.account, invoice), addends, reader)

    async def _with_lines(
        self, invoices: list[Invoice], scan: AccountScan
    ) -> list[tuple[Invoice, Sequence[LineItem] | None]]:
        """Return the invoices with the lines that the view needs. One whose lines fail is left out and reported."""
        needed = invoices if self._needs_lines else []
        outcomes = await asyncio.gather(*map(self._lines_of, needed), return_exceptions=True)
        lines = {invoice.id: outcome for invoice, outcome in zip(needed, outcomes, strict=True)}
        results = []
        for invoice in invoices:
            outcome = lines.get(invoice.id)
            if isinstance(outcome, ProviderError):
                scan.failures.append(outcome.with_traceback(None))
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                results.append((invoice, outcome))
        return results

    async def _lines_of(self, invoice: Invoice) -> Sequence[LineItem] | None:
        return await value_of(self._invoice_fields.lines(invoice))

    def _addends_of(
        self, account: ConnectedAccount, invoice: Invoice, lines: Sequence[LineItem] | None, reader: AmountReader
    ) -> Iterable[Addend]:
        """Return the amounts of an invoice in the view."""
        match self._view:
            case SpendBreakdown.TOTALS:
                return [StatedTotal(invoice)]
            case SpendBreakdown.LINES:
                return lines or ()
            case SpendBreakdown.PROJECTS:
                charges = invoice.projects()
                if charges is None:
                    is_split = Capability.PROJECTS in account.spec.capabilities
                    because = Unattributed.NOT_STATED if is_split else Unattributed.NOT_SPLIT
                    return lines_without_project(lines or (), because, reader)
                if self._projects is not None:
                    return shares_of_projects(charges, reader, self._projects)
                return shares_with_residual(charges, lines, reader)


def _values(account: ConnectedAccount, invoice: Invoice) -> dict[SpendKey, object]:
    """Return the values of the keys that an invoice has."""
    return {
        SpendKey.MONTH: invoice.period.start.date().replace(day=1),
        SpendKey.PROVIDER: account.spec.id,
        SpendKey.ACCOUNT: account.id,
    }


def _report(scan: AccountScan, failure: ProviderError) -> None:
    """Report an amount that cannot be read in the coverage of its account."""
    if len(scan.failures) < MAX_FAILURES:
        scan.add_failure(failure)
    else:
        scan.more_failures += 1
