"""The fields of one invoice that may need another call: total, line items, credits, raw object."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, partial

from execution.awaitable import AwaitableOrValue, LazyAwaitable, map_value, value_of
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
from .filters import filter_lines, stated_total
from .loaders import Loaders
from .pagination import PageWindow, SortOrder


class InvoiceFields:
    """Resolves these fields of an invoice. Calls the provider only for what the invoice object does not contain."""

    def __init__(self, registry: AccountRegistry, loaders: Loaders) -> None:
        self._registry, self._loaders = registry, loaders
        self._repriced: dict[str, Invoice] = {}

    def total(self, invoice: Invoice) -> AwaitableOrValue[Money | None]:
        return (
            invoice.total_without_lookup
            if invoice.with_currency is None
            else LazyAwaitable(lambda: self._look_up_total(invoice))
        )

    async def _look_up_total(self, invoice: Invoice) -> Money | None:
        return (await self.with_currency(invoice)).total_without_lookup

    def lines(self, invoice: Invoice) -> AwaitableOrValue[Sequence[LineItem] | None]:
        if invoice.line_part is None:
            return self._loaders.line_items(invoice)
        if invoice.with_currency is None:
            return invoice.line_part.get(invoice)
        return LazyAwaitable(lambda: self._priced_lines(invoice))

    async def _priced_lines(self, invoice: Invoice) -> Sequence[LineItem] | None:
        priced = await self.with_currency(invoice)
        return priced.line_part.get(priced) if priced.line_part else None

    def line_items(
        self, invoice: Invoice, page_args: PageArgs, filter_by: LineItemFilter | None
    ) -> AwaitableOrValue[LineItemConnection | None]:
        """Return a page of the lines. Returns it without an awaitable if the invoice contains its lines.

        Raises BadUserInput if the paging arguments are invalid.
        """
        return map_value(self.lines(invoice), LinePage(page_args, filter_by).of)

    def credits(self, invoice: Invoice) -> AwaitableOrValue[list[Credit] | None]:
        """Return the credits that the invoice itself states, or else those in its lines.

        Returns None if the provider states neither credits nor lines, or lines that do not tell if they have credits.
        """
        if invoice.credit_part is not None:
            return invoice.credit_part.get(invoice)
        return map_value(self.lines(invoice), partial(_credits_of_lines, invoice))

    async def raw(self, invoice: Invoice) -> Json | None:
        """Return the provider's full object. Fetches it if the list returned less."""
        complete: Invoice | None = invoice
        if invoice.payload is None:
            complete = await value_of(self._loaders.invoice(invoice.account_id, ids.provider_key(invoice.id)))
        return stringify_numbers(complete.payload) if complete else None

    async def with_currency(self, invoice: Invoice) -> Invoice:
        """Return the invoice with a currency. If it states none, it takes that of the account's newest posted invoice.

        Returns the invoice unchanged if no currency is found.
        """
        if invoice.with_currency is None:
            return invoice
        currency = await self._look_up_currency(invoice.account_id)
        if currency is not None and invoice.id not in self._repriced:
            self._repriced[invoice.id] = invoice.with_currency(currency)
        return self._repriced.get(invoice.id, invoice)

    async def _look_up_currency(self, account_id: str) -> CurrencyCode | None:
        """Return the currency of the newest posted invoice that has a total, or else the configured currency.

        Raises ProviderError if the invoices could not be read and no currency is configured.
        """
        configured = self._registry[account_id].source.settings.currency
        try:
            page = await self._loaders.page(account_id, DateWindow(), None)
        except ProviderError:
            if configured is None:
                raise
            return configured
        totals = map(stated_total, page.invoices)
        return next((total.currency for total in totals if total), configured)


class LinePage:
    """The page arguments and the filter of one `lineItems` field. Use each instance for one list of line items only.

    A cursor contains the position of a line and its id, because the provider may move the line between two requests.
    """

    def __init__(self, page_args: PageArgs, filter_by: LineItemFilter | None) -> None:
        self._positions, self._filter_by = LinePositions(), filter_by
        self._page_window = PageWindow(page_args, self._positions.order)

    def of(self, lines: Sequence[LineItem] | None) -> LineItemConnection | None:
        """Return the page of these lines. Returns None if the provider states no lines."""
        if lines is None:
            return None
        page_window, self._positions.lines = self._page_window, lines
        if page_window.after is not None:
            page_window.after = self._positions.current_key(*page_window.after)
        matches = filter_lines(lines, self._filter_by)
        page = page_window.page_of_sorted(matches)
        return LineItemConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=page_window.order.cursor_of,
            count=lambda: len(matches),
        )


class LinePositions:
    """Maps the lines of an invoice to their positions."""

    def __init__(self) -> None:
        self.lines: Sequence[LineItem] = []

    @property
    def order(self) -> SortOrder[LineItem]:
        """The order by position.

        It refers to this object, but this object does not refer to it. So there is no reference cycle, and both are
        freed together with their page.
        """
        return SortOrder(lambda line: (self._by_line_id[str(line.id)], str(line.id)), (int, str))

    def current_key(self, position: int, line_id: str) -> SortKey:
        """Return the present sort key of a line that was at `position` when its cursor was created.

        Keeps `position` if the line no longer exists.
        """
        return self._by_line_id.get(line_id, position), line_id

    @cached_property
    def _by_line_id(self) -> dict[str, int]:
        return {str(line.id): position for position, line in enumerate(self.lines)}


def _credits_of_lines(invoice: Invoice, lines: Sequence[LineItem] | None) -> list[Credit] | None:
    """Return the credits of these lines. Returns None if there are lines, but none tells if it has a credit."""
    if lines is None or (lines and not any(line.is_credit_stated for line in lines)):
        return None
    return [_with_parent(invoice, line.credit) for line in lines if line.credit is not None]


def _with_parent(invoice: Invoice, credit: Credit) -> Credit:
    """Return the credit with its invoice as the parent. Copies a credit without one: requests share the lines."""
    return credit if credit.parent else replace(credit, parent=invoice)
