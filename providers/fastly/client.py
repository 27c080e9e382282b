"""Client for Fastly's billing/v3: a list with cursors, one invoice by its id, and the month to date."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar, Literal

from providers import fields
from providers.call import CallContext
from providers.deadline import loop_time
from providers.errors import Computing, NotFound, ProviderError, Unintelligible, require_invoice
from providers.settings import AccountSettings, BaseUrl
from providers.source import MONTH_TO_DATE, DateWindow, InvoicePage, LineItems
from providers.transport.client import ApiClient, ApiResponse
from schema.invoice import Invoice

from . import translate

_INVOICES = ("billing", "v3", "invoices")
_PAGE_SIZE = 100  # Fastly's default; its maximum is 200
POLL_BACKOFF = (0.5, 1.0, 2.0, 4.0)  # seconds between requests while Fastly computes the month to date
_ACCEPTED = 202


class FastlySettings(AccountSettings):
    """Settings of a Fastly account. The key needs the scope global:read, and its user the role billing."""

    provider_name: ClassVar[str] = "Fastly"
    key_header: ClassVar[str] = "Fastly-Key"

    provider: Literal["fastly"]
    base_url: BaseUrl = "https://api.fastly.com"


class Fastly:
    """The source of one Fastly account's invoices. The key of the open one is `MONTH_TO_DATE`."""

    reference = None  # only its invoices name the customer
    volatile_keys = frozenset({"payment_status"})
    list_is_local = list_is_static = False

    def __init__(self, settings: FastlySettings, api: ApiClient) -> None:
        self.settings = settings
        self._api, self._account_ref = api, settings.account_ref

    async def page(self, window: DateWindow, cursor: str | None, call: CallContext) -> InvoicePage:
        """Return a page of posted invoices, newest first.

        Fastly does not publish whether its date filter selects periods that start, end or lie in it. A margin of one
        month on each side returns at least the window under each interpretation.
        """
        response = await self._api.get(
            *_INVOICES,
            call=call,
            limit=_PAGE_SIZE,
            billing_start_date=_add_months(window.oldest, -1),
            billing_end_date=_add_months(window.newest, 2),
            cursor=cursor,
        )
        return self._page(response, self._require_rows(response.body))

    def _require_rows(self, body: object) -> list[Any]:
        """Return the invoices of a list, which is null in some empty lists. Raises Unintelligible if it has no list."""
        rows = body.get("data", "") if isinstance(body, dict) else ""
        if rows is None or isinstance(rows, list):
            return rows or []
        raise Unintelligible(self._account_ref, "a list of invoices was expected")

    def _page(self, response: ApiResponse, rows: list[Any]) -> InvoicePage:
        meta = fields.mapping(response.body, "meta")
        page = InvoicePage(
            response.observed_at,
            next_cursor=fields.text(meta, "next_cursor"),  # "" on the last page
            total=fields.integer(meta, "total"),
            body=response.received,
        )
        for row in rows:
            try:
                invoice = translate.invoice(self._require_object(row), self._account_ref, response.observed_at)
                page.invoices.append(invoice)
                page.reference = page.reference or fields.text(row, "customer_id")
            except ProviderError as failure:
                page.failures.append(failure)
        return page

    async def invoice(self, provider_key: str, call: CallContext) -> Invoice | None:
        """Return a posted invoice, or the month to date. Returns None if Fastly has no such invoice."""
        try:
            if provider_key == MONTH_TO_DATE:
                return await self._month_to_date(call)
            response = await self._api.get(*_INVOICES, provider_key, call=call)
        except NotFound:
            return None
        invoice = self._translate(translate.invoice, response)
        require_invoice(invoice.id, self._account_ref, provider_key)
        return invoice

    def period_end(self, _provider_key: str) -> None:
        """Return None: a key does not tell when the period ends."""

    async def line_items(self, _provider_key: str, _call: CallContext) -> LineItems:
        """Return no line items: they are part of the invoice, and Fastly has no other endpoint for them."""
        return LineItems(observed_at=None)

    async def _month_to_date(self, call: CallContext) -> Invoice:
        for delay in (*POLL_BACKOFF, None):
            response = await self._api.get(*_INVOICES, MONTH_TO_DATE, call=call)
            if response.status != _ACCEPTED:
                return self._translate(translate.month_to_date, response)
            if delay is None or loop_time() + delay >= call.deadline:
                break
            await asyncio.sleep(delay)
        raise Computing(self._account_ref)

    def _translate(self, translation: Callable[..., Invoice], response: ApiResponse) -> Invoice:
        invoice = translation(self._require_object(response.body), self._account_ref, response.observed_at)
        invoice.body = response.received
        return invoice

    def _require_object(self, body: object) -> Any:
        if not isinstance(body, dict):
            raise Unintelligible(self._account_ref, "an invoice was expected")
        return body


def _add_months(day: date | None, months: int) -> str | None:
    """Return the first day of the month that is `months` after the month of `day`.

    Returns None if there is no day, or if the result is in the first or the last year that `date` supports, or beyond.
    """
    if day is None:
        return None
    month = day.year * 12 + day.month - 1 + months
    year = month // 12
    return date(year, month % 12 + 1, 1).isoformat() if date.min.year < year < date.max.year else None
