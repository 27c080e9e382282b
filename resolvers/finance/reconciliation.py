"""Reconciliation of one invoice: every check that its provider declares."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from decimal import Decimal

from execution.awaitable import value_of
from providers import ids
from providers.call import CallContext
from providers.checks import Comparison, InvoiceCheck, InvoiceFigures, unknown
from providers.errors import ProviderError
from providers.source import DateWindow
from resolvers.accounts import AccountRegistry
from resolvers.invoice_fields import InvoiceFields
from resolvers.pacer import Pacer
from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.reconciliation import Check, CheckReason, Reconciliation, Verdict

from .checks import judge, worst

_SUMMED_UP = {Verdict.EXACT, Verdict.ROUNDING, Verdict.NOT_EVALUABLE}


class Reconciler:
    """Checks the figures of invoices. Calls the provider for their lines only."""

    def __init__(self, registry: AccountRegistry, call: CallContext, invoice_fields: InvoiceFields) -> None:
        self._registry, self._call, self._invoice_fields = registry, call, invoice_fields
        self._pacer = Pacer()

    async def reconcile(self, invoice: Invoice) -> Reconciliation:
        """Return the outcome of all checks. Raises ProviderError if the lines could not be fetched."""
        checks = await self.check(await self.figures(invoice))
        return Reconciliation(verdict=worst(checks), checks=checks)

    async def figures(self, invoice: Invoice) -> InvoiceFigures:
        """Return what is known about an invoice. Raises ProviderError if its lines could not be fetched."""
        priced = await self._invoice_fields.with_currency(invoice)
        lines = await value_of(self._invoice_fields.lines(invoice))
        await self._read_costs(lines or ())
        listed, detailed = self._readings(invoice)
        return InvoiceFigures(priced, lines, listed, detailed)

    def _readings(self, invoice: Invoice) -> tuple[Invoice | None, Invoice | None]:
        """Return the invoice as the list shows it, and as the provider shows it by itself. None: it is not in memory.

        Makes no call. A response that depends on both is not cached.
        """
        source, is_detailed = self._registry[invoice.account_id].source, invoice.body is not None
        other: Invoice | None = None
        if is_detailed:
            page = source.pages.peek((DateWindow(), None))
            other = next((listed for listed in page.invoices if listed.id == invoice.id), None) if page else None
        else:
            other = source.invoices.peek(ids.provider_key(invoice.id))
        if other is not None and self._call.dependencies is not None:
            self._call.dependencies.is_cacheable = False
        return (other, invoice) if is_detailed else (invoice, other)

    async def _read_costs(self, lines: Sequence[LineItem]) -> None:
        """Read the cost of each line in turns of the event loop. Sums then find it without work."""
        for line in lines:
            with suppress(ProviderError):  # the check that needs it reports it
                _ = line.cost
            await self._pacer.step()

    async def check(self, figures: InvoiceFigures) -> list[Check]:
        """Return the outcome of all checks."""
        checks: list[Check] = []
        connected = self._registry[figures.invoice.account_id]
        for check in connected.spec.checks:
            checks += await self._apply(check, figures)
        for outcome in checks:
            connected.report(outcome)
        return checks

    async def _apply(self, check: InvoiceCheck, figures: InvoiceFigures) -> list[Check]:
        """Return the outcome of each part that differs by more than rounding, and one for each other verdict.

        It is that of the part which differs most.
        """
        outcomes: list[Check] = []
        by_verdict: dict[Verdict, Check] = {}
        for comparison in _comparisons(check, figures):
            outcome = judge(check.code, comparison)
            if outcome.verdict in _SUMMED_UP:
                by_verdict[outcome.verdict] = max(by_verdict.get(outcome.verdict, outcome), outcome, key=_size)
            else:
                outcomes.append(outcome)
            await self._pacer.step()
        outcomes += by_verdict.values()
        return outcomes or [judge(check.code, unknown(str(figures.invoice.id), CheckReason.NOT_STATED))]


def _size(check: Check) -> Decimal:
    return abs(check.difference or Decimal(0))


def _comparisons(check: InvoiceCheck, figures: InvoiceFigures) -> Iterator[Comparison]:
    """Yield the comparisons of a check. One with an amount that cannot be read is the last."""
    try:
        yield from check.compare(figures)
    except ProviderError:
        yield unknown(str(figures.invoice.id), CheckReason.UNREADABLE)
