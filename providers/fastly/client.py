"""Fastly's billing/v3: a list by cursors, one invoice by its id, and the running month."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar, Literal

from providers import fields
from providers.deadline import current_deadline
from providers.errors import Computing, NotFound, ProviderError, Unintelligible
from providers.settings import AccountSettings, BaseUrl
from providers.source import MONTH_TO_DATE, DateWindow, InvoicePage, LineItems
from providers.transport.client import ApiClient, ApiResponse
from schema.invoice import Invoice

from . import translate

_INVOICES = ("billing", "v3", "invoices")
_PAGE_SIZE = 100  # Fastly's own default; 200 is the most it takes
POLL_BACKOFF = (0.5, 1.0, 2.0, 4.0)  # seconds between askings while the running invoice is being computed
_ACCEPTED = 202


class FastlySettings(AccountSettings):
    """A Fastly account: the key needs the scope global:read, and its user the role billing."""

    provider_name: ClassVar[str] = "Fastly"
    key_header: ClassVar[str] = "Fastly-Key"

    provider: Literal["fastly"]
    base_url: BaseUrl = "https://api.fastly.com"


class Fastly:
    """One Fastly account."""

    reference = None  # only its invoices name the customer
    volatile_keys = frozenset({"payment_status"})
    list_is_local = list_is_static = False

    def __init__(self, settings: FastlySettings, api: ApiClient) -> None:
        self.settings = settings
        self._api, self._owner = api, settings.owner

    async def page(self, window: DateWindow, cursor: str | None) -> InvoicePage:
        """A page of posted invoices, newest first.

        What the date filter means exactly is not published (periods that start, end, or lie within it): a
        month of margin on each side makes every reading give at least the window.
        """
        answer = await self._api.get(
            *_INVOICES,
            limit=_PAGE_SIZE,
            billing_start_date=_months_after(window.oldest, -1),
            billing_end_date=_months_after(window.newest, 2),
            cursor=cursor,
        )
        return self._page(answer, self._rows(answer.body))

    def _rows(self, body: object) -> list[Any]:
        """A list of invoices, which may be null for want of any."""
        rows = body.get("data", "") if isinstance(body, dict) else ""
        if rows is None or isinstance(rows, list):
            return rows or []
        raise Unintelligible(self._owner, "a list of invoices was expected")

    def _page(self, answer: ApiResponse, rows: list[Any]) -> InvoicePage:
        meta = fields.mapping(answer.body, "meta")
        page = InvoicePage(
            answer.observed_at,
            next_cursor=fields.text(meta, "next_cursor"),
            total=fields.integer(meta, "total"),
            digest=answer.digest,
        )
        for row in rows:
            try:
                page.invoices.append(translate.invoice(self._object(row), self._owner, answer.observed_at))
                page.reference = page.reference or fields.text(row, "customer_id")
            except ProviderError as failure:
                page.failures.append(failure)
        return page

    async def invoice(self, native: str) -> Invoice | None:
        """A posted invoice, or the running one by the key that stands for it."""
        try:
            if native == MONTH_TO_DATE:
                return await self._month_to_date()
            answer = await self._api.get(*_INVOICES, native)
        except NotFound:
            return None
        found = self._translated(translate.invoice, answer)
        if found.id != self._owner.invoice(native):
            raise Unintelligible(self._owner, "it is about another invoice")
        return found

    def period_end(self, _native: str) -> None:
        """No key of this provider says it."""

    async def line_items(self, _native: str) -> LineItems:
        """Fastly's invoices bring their lines along; where one does not, there are none to be had."""
        return LineItems(observed_at=None)

    async def _month_to_date(self) -> Invoice:
        for patience in (*POLL_BACKOFF, None):
            answer = await self._api.get(*_INVOICES, MONTH_TO_DATE)
            if answer.status != _ACCEPTED:
                return self._translated(translate.month_to_date, answer)
            if patience is None or asyncio.get_running_loop().time() + patience >= current_deadline():
                break
            await asyncio.sleep(patience)
        raise Computing(self._owner)

    def _translated(self, translation: Callable[..., Invoice], answer: ApiResponse) -> Invoice:
        return translation(self._object(answer.body), self._owner, answer.observed_at)

    def _object(self, body: object) -> Any:
        if not isinstance(body, dict):
            raise Unintelligible(self._owner, "an invoice was expected")
        return body


def _months_after(day: date | None, months: int) -> str | None:
    """The first day of the month so many months after `day`'s; null where there is none or the calendar ends."""
    if day is None:
        return None
    month = day.year * 12 + day.month - 1 + months
    year = month // 12
    return date(year, month % 12 + 1, 1).isoformat() if date.min.year < year < date.max.year else None
