"""Client for Fastly's billing/v3: a list with cursors, one invoice by its id, and the month to date."""

import asyncio
from datetime import date
from typing import Any, ClassVar, Literal

from providers import fields
from providers.call import CallContext
from providers.deadline import loop_time
from providers.errors import Computing, NotFound
from providers.rest import RestSource
from providers.settings import AccountSettings, BaseUrl
from providers.source import MONTH_TO_DATE, DateWindow, InvoicePage
from schema.invoice import Invoice

from .translate import FastlyInvoice, FastlyMonthToDate

_PAGE_SIZE = 100  # Fastly's default; its maximum is 200
POLL_BACKOFF = (0.5, 1.0, 2.0, 4.0)  # seconds between requests while Fastly computes the month to date
_ACCEPTED = 202


class FastlySettings(AccountSettings):
    """Settings of a Fastly account. The key needs the scope global:read, and its user the role billing."""

    provider_name: ClassVar[str] = "Fastly"
    key_header: ClassVar[str] = "Fastly-Key"

    provider: Literal["fastly"]
    base_url: BaseUrl = "https://api.fastly.com"


class Fastly(RestSource[FastlySettings]):
    """The source of one Fastly account's invoices. The key of the open one is `MONTH_TO_DATE`."""

    invoice_row = FastlyInvoice
    path = ("billing", "v3", "invoices")
    volatile_keys = frozenset({"payment_status"})

    async def page(self, window: DateWindow, cursor: str | None, call: CallContext) -> InvoicePage:
        """Return a page of posted invoices, newest first.

        Fastly does not publish whether its date filter selects periods that start, end or lie in it. A margin of one
        month on each side returns at least the window under each interpretation.
        """
        response = await self.api.get(
            *self.path,
            call=call,
            rows_at=("data",),
            limit=_PAGE_SIZE,
            billing_start_date=_add_months(window.oldest, -1),
            billing_end_date=_add_months(window.newest, 2),
            cursor=cursor,
        )
        page = await self.read_page(response, "data")
        meta = fields.mapping(response.body, "meta")
        page.next_cursor, page.total = fields.text(meta, "next_cursor"), fields.integer(meta, "total")
        return page

    def read_reference(self, row: Any) -> str | None:
        return fields.text(row, "customer_id") if isinstance(row, dict) else None

    async def invoice(self, provider_key: str, call: CallContext) -> Invoice | None:
        """Return a posted invoice, or the month to date. Returns None if Fastly has no such invoice."""
        if provider_key != MONTH_TO_DATE:
            return await super().invoice(provider_key, call)
        try:
            return await self._month_to_date(call)
        except NotFound:
            return None

    async def _month_to_date(self, call: CallContext) -> Invoice:
        for delay in (*POLL_BACKOFF, None):
            response = await self.api.get(*self.path, MONTH_TO_DATE, call=call)
            if response.status != _ACCEPTED:
                invoice = FastlyMonthToDate.translate(response.body, self.account_ref, response.observed_at)
                invoice.body = response.received
                return invoice
            if delay is None or loop_time() + delay >= call.deadline:
                break
            await asyncio.sleep(delay)
        raise Computing(self.account_ref)


def _add_months(day: date | None, months: int) -> str | None:
    """Return the first day of the month that is `months` after the month of `day`.

    Returns None if there is no day, or if the result is in the first or the last year that `date` supports, or beyond.
    """
    if day is None:
        return None
    month = day.year * 12 + day.month - 1 + months
    year = month // 12
    return date(year, month % 12 + 1, 1).isoformat() if date.min.year < year < date.max.year else None
