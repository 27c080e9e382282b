"""The fields of one invoice that may need another call: total, line items, credits, raw object."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter

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

# A cursor has the position of a line and its id, because the provider may move the line between two requests.
_PROVIDER_ORDER: SortOrder[LineItem] = SortOrder(attrgetter("position", "id"), (int, str))


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
        window = PageWindow(page_args, _PROVIDER_ORDER)
        return map_value(self.lines(invoice), partial(_line_page, window, filter_by))

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


def _line_page(
    window: PageWindow[LineItem], filter_by: LineItemFilter | None, lines: Sequence[LineItem] | None
) -> LineItemConnection | None:
    """Return the page of these lines. Returns None if the provider states no lines."""
    if lines is None:
        return None
    if window.after is not None:
        window.after = _current_key(lines, *window.after)
    matches = filter_lines(lines, filter_by)
    page = window.page_of_sorted(matches)
    return LineItemConnection(
        nodes=page.items, page_info=page.info, cursor_of=window.order.cursor_of, count=matches.__len__
    )


def _current_key(lines: Sequence[LineItem], position: int, line_id: str) -> SortKey:
    """Return the present sort key of a line that was at `position` when its cursor was created.

    Keeps `position` if the line no longer exists.
    """
    return next((line.position for line in lines if line.id == line_id), position), line_id


def _credits_of_lines(invoice: Invoice, lines: Sequence[LineItem] | None) -> list[Credit] | None:
    """Return the credits of these lines. Returns None if there are lines, but none tells if it has a credit."""
    if lines is None or (lines and not any(line.is_credit_stated for line in lines)):
        return None
    return [_with_parent(invoice, line.credit) for line in lines if line.credit is not None]


def _with_parent(invoice: Invoice, credit: Credit) -> Credit:
    """Return the credit with its invoice as the parent. Copies a credit without one: requests share the lines."""
    return credit if credit.parent else replace(credit, parent=invoice)
