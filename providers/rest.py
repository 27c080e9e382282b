"""Base class of a source: an API with a list of invoices at one path, and each invoice below it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from execution.rows import RowsAndContext
from schema.invoice import Invoice

from .call import CallContext
from .errors import NotFound, ProviderError, Unintelligible, require_invoice
from .rows.columns import InvoiceContext
from .rows.details import DeclarationError
from .rows.invoice import InvoiceRow
from .rows.parts import LineItemRow
from .settings import AccountSettings
from .source import DateWindow, InvoicePage, LineItems
from .transport.client import ApiClient, ApiResponse
from .transport.long_body import MAX_ROWS, LongRows
from .unreadable import log_unread_money

S = TypeVar("S", bound=AccountSettings)


class RestSource(Generic[S]):
    """An `InvoiceSource` whose rows are declared. A subclass overrides what its API does differently."""

    invoice_row: ClassVar[type[InvoiceRow]]
    path: Sequence[str]  # of the list
    volatile_keys: frozenset[str] = frozenset()
    list_is_local: bool = False
    list_is_static: bool = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not hasattr(cls, "invoice_row"):
            raise DeclarationError(cls, "does not declare 'invoice_row'")

    def __init__(self, settings: S, api: ApiClient) -> None:
        self.settings, self.account_ref = settings, settings.account_ref
        self.reference = settings.tenant or None
        self.api = api

    async def page(self, _window: DateWindow, _cursor: str | None, call: CallContext, /) -> InvoicePage:
        """Return every invoice: the list has neither pages nor dates."""
        response = await self.api.get(*self.path, call=call, rows_at=())
        page = await self.read_page(response)
        page.total = len(page.invoices)
        return page

    async def read_page(self, response: ApiResponse, *path: str) -> InvoicePage:
        """Translate the invoices of a page, and let other tasks run in between.

        `path` holds the keys of their list in the body. Null is an empty list. Raises Unintelligible if there is no
        list, or if it is too long.
        """
        rows = response.body
        for key in path:
            rows = rows.get(key, "") if isinstance(rows, dict) else ""
        if path and rows is None:
            if response.body.get("errors"):
                raise Unintelligible(self.account_ref, "it reports errors in place of a list")
            rows = []
        if not isinstance(rows, list | LongRows):
            raise Unintelligible(self.account_ref, "a list of invoices was expected")
        if len(rows) > MAX_ROWS:
            raise Unintelligible(self.account_ref, f"it lists more than {MAX_ROWS:,} invoices")
        page, work = InvoicePage(response.observed_at, body=response.received), response.work
        for index in range(len(rows)):
            await work.pause()
            row = rows[index] if isinstance(rows, list) else await rows.decode(index)
            page.reference = page.reference or self.read_reference(row)
            try:
                page.invoices.append(
                    self.invoice_row.translate(row, self.account_ref, response.observed_at, in_list=True)
                )
            except ProviderError as failure:
                page.add_failure(failure)
        return page

    def read_reference(self, _row: Any, /) -> str | None:
        """Return the account's id at the provider, if a row of its list states it."""
        return None

    async def invoice(self, provider_key: str, call: CallContext, /) -> Invoice | None:
        """Return an invoice. Returns None if the provider has none by that key."""
        path = self.path_below(provider_key)
        if path is None:
            return None
        try:
            response = await self.api.get(*self.path, *path, call=call)
        except NotFound:
            return None
        invoice = self.invoice_row.translate(response.body, self.account_ref, response.observed_at)
        require_invoice(invoice.id, self.account_ref, provider_key)
        invoice.body = response.received
        return invoice

    def is_absence_certain(self, provider_key: str, /) -> bool:
        """Whether None from `invoice` means that there is no such invoice.

        It is False while no call has succeeded: some providers refuse a key with 404.
        """
        return self.api.has_succeeded or self.path_below(provider_key) is None

    def path_below(self, provider_key: str) -> Sequence[str] | None:
        """Return the path of an invoice below that of the list. Returns None if no invoice has such a key."""
        return (provider_key,)

    def period_end(self, _provider_key: str, /) -> datetime | None:
        """Return None: a key does not tell when the period ends."""
        return None

    async def line_items(self, _provider_key: str, _call: CallContext, /) -> LineItems:
        """Return no line items: they are part of the invoice."""
        return LineItems(observed_at=None)

    def read_line_items(
        self,
        response: ApiResponse,
        row_class: type[LineItemRow],
        invoice_context: InvoiceContext,
        find: Callable[[Any], object] = lambda body: body,
    ) -> LineItems:
        """Translate the line items of a response of their own. `find` returns their list from its body.

        Raises Unintelligible if one of them is not an object: to skip it would hide that it is missing.
        """

        def rows_and_context(body: Any) -> RowsAndContext:
            rows = find(body)
            if not isinstance(rows, list) or not {dict}.issuperset(map(type, rows)):
                raise Unintelligible(self.account_ref, "a list of line items was expected")
            context = row_class.context(rows, invoice_context)
            if keys := dict.fromkeys(key for row in rows for key in row_class.unread_money(row, context)):
                log_unread_money(self.account_ref, invoice_context.provider_key, list(keys))
            return rows, context

        context = row_class.context((), invoice_context)
        return LineItems(response.observed_at, response.rows_if_changed(row_class.columns, rows_and_context, context))
