"""The parts of one invoice: its money, lines, credits and raw object, from wherever they are."""

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from functools import cached_property

from execution.awaitable import AwaitableOrValue, LazyAwaitable
from providers import ids
from providers.errors import ProviderError
from providers.source import DateWindow
from schema.connection import PageArgs
from schema.credit import Credit
from schema.filters import LineItemFilter
from schema.invoice import Invoice
from schema.line_item import LineItem, LineItemConnection
from schema.scalars import CurrencyCode, Json, stringify_numbers
from schema.values import Money

from .accounts import AccountRegistry
from .cursor import SortKey
from .filters import matching_lines
from .loaders import Loaders
from .pagination import PageWindow, SortOrder


class InvoiceFields:
    """Every question about one invoice."""

    def __init__(self, roster: AccountRegistry, loaders: Loaders) -> None:
        self._roster, self._loaders = roster, loaders
        self._repriced: dict[str, Invoice] = {}

    def total(self, invoice: Invoice) -> AwaitableOrValue[Money | None]:
        return (
            invoice.total_without_lookup
            if invoice.with_currency is None
            else LazyAwaitable(lambda: self._total(invoice))
        )

    async def _total(self, invoice: Invoice) -> Money | None:
        return (await self._with_currency(invoice)).total_without_lookup

    def lines(self, invoice: Invoice) -> Awaitable[Sequence[LineItem] | None]:
        return self._loaders.line_items(invoice) if invoice.line_part is None else self._embedded_lines(invoice)

    async def _embedded_lines(self, invoice: Invoice) -> Sequence[LineItem] | None:
        priced = await self._with_currency(invoice)
        return priced.line_part.get(priced) if priced.line_part else None

    def line_items(
        self, invoice: Invoice, wanted: PageArgs, filter_by: LineItemFilter | None
    ) -> AwaitableOrValue[LineItemConnection | None]:
        """A page of the lines, at once where the invoice has brought them along."""
        page = LinePage(wanted, filter_by)
        if invoice.line_part is None or invoice.with_currency is not None:
            return LazyAwaitable(lambda: self._line_items(invoice, page))
        return page.of(invoice.line_part.get(invoice))

    async def _line_items(self, invoice: Invoice, page: "LinePage") -> LineItemConnection | None:
        return page.of(await self.lines(invoice))

    async def credits(self, invoice: Invoice) -> list[Credit] | None:
        """The grants on the invoice itself, or else those that its lines bear."""
        if invoice.credit_part is not None:
            return invoice.credit_part.get(invoice)
        lines = await self.lines(invoice)
        return None if lines is None else [_on(invoice, line.credit) for line in lines if line.credit is not None]

    async def raw(self, invoice: Invoice) -> Json | None:
        """The provider's object, read in full where a list gave less."""
        whole: Invoice | None = invoice
        if invoice.payload is None:
            whole = await self._loaders.invoice(invoice.account_id, ids.provider_key(invoice.id))
        return stringify_numbers(whole.payload) if whole else None

    async def _with_currency(self, invoice: Invoice) -> Invoice:
        """The invoice in the currency of the account's newest posted one, where it names none itself."""
        if invoice.with_currency is None:
            return invoice
        currency = await self._currency(invoice.account_id)
        if currency is not None and invoice.id not in self._repriced:
            self._repriced[invoice.id] = invoice.with_currency(currency)
        return self._repriced.get(invoice.id, invoice)

    async def _currency(self, account_id: str) -> CurrencyCode | None:
        configured = self._roster[account_id].source.settings.currency
        try:
            page = await self._loaders.page(account_id, DateWindow(), None)
        except ProviderError:
            if configured is None:
                raise
            return configured
        totals = (invoice.total_without_lookup for invoice in page.invoices)
        return next((total.currency for total in totals if total), configured)


class LinePage:
    """What is wanted of an invoice's lines. A cursor holds a line's place, and its id in case the place has moved."""

    def __init__(self, wanted: PageArgs, filter_by: LineItemFilter | None) -> None:
        self._places, self._filter_by = LinePositions(), filter_by
        self._cut = PageWindow(wanted, self._places.order)

    def of(self, lines: Sequence[LineItem] | None) -> LineItemConnection | None:
        if lines is None:
            return None
        cut, self._places.lines = self._cut, lines
        if cut.after is not None:
            cut.after = self._places.now(*cut.after)
        matching = matching_lines(lines, self._filter_by)
        page = cut.page_of_sorted(matching)
        return LineItemConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=cut.order.cursor_of,
            count=lambda: len(matching),
        )


class LinePositions:
    """Where each of an invoice's lines stands."""

    def __init__(self) -> None:
        self.lines: Sequence[LineItem] = []

    @property
    def order(self) -> SortOrder[LineItem]:
        """By place; it knows the places, and they do not know it, so that both are gone with their page."""
        return SortOrder(lambda line: (self._by_id[str(line.id)], str(line.id)), (int, str))

    def now(self, number: int, line_id: str) -> SortKey:
        """That of a line that stood there when it was given out."""
        return self._by_id.get(line_id, number), line_id

    @cached_property
    def _by_id(self) -> dict[str, int]:
        return {str(line.id): number for number, line in enumerate(self.lines)}


def _on(invoice: Invoice, credit: Credit) -> Credit:
    """The credit, which names its invoice; a copy where other requests read the same lines."""
    return credit if credit.parent else replace(credit, parent=invoice)
