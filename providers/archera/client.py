"""Client for Archera's beta API: the list, one invoice by year and month, and its line items."""

import re
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, ClassVar, Literal

from execution.rows import RowsAndContext
from providers import fields
from providers.call import CallContext
from providers.errors import NotFound, ProviderError, Unintelligible, require_invoice
from providers.settings import AccountSettings, BaseUrl, Segment
from providers.source import DateWindow, InvoicePage, LineItems
from providers.transport.client import ApiClient
from schema.invoice import Invoice

from . import translate

_MONTH_KEY = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_MAX_CACHED_MONTHS = 1_000
_WRAPPERS = ("line_items", "items", "data")  # line items are probably a bare array, but the shape is not published


class ArcheraSettings(AccountSettings):
    """Settings of an account, which is one organization at Archera."""

    provider_name: ClassVar[str] = "Archera"
    key_header: ClassVar[str] = "x-api-key"

    provider: Literal["archera"]
    base_url: BaseUrl = "https://api.archera.ai"
    org_id: Segment

    @property
    def tenant(self) -> str:
        return self.org_id


class Archera:
    """The source of one organization's invoices. An invoice's key is its month, such as `2026-09`."""

    volatile_keys: frozenset[str] = frozenset()
    list_is_local = list_is_static = False

    def __init__(self, settings: ArcheraSettings, api: ApiClient) -> None:
        self.settings = settings
        self.reference = settings.org_id
        self._api, self._account_ref = api, settings.account_ref
        self._path = ("beta", "v1", "org", settings.org_id, "invoices")

    async def page(self, _window: DateWindow, _cursor: str | None, call: CallContext) -> InvoicePage:
        """Return every invoice: the list has neither pages nor parameters."""
        response = await self._api.get(*self._path, call=call)
        page = InvoicePage(response.observed_at, body=response.received)
        for row in self._require_list(response.body, "a list of invoices was expected"):
            try:
                invoice = translate.invoice(self._require_object(row), self._account_ref, response.observed_at)
                page.invoices.append(invoice)
            except ProviderError as failure:
                page.failures.append(failure)
        page.total = len(page.invoices)
        return page

    async def invoice(self, provider_key: str, call: CallContext) -> Invoice | None:
        """Return the invoice of one month in full detail.

        Returns None if Archera has no such invoice, and without a call if the key is not a month.
        """
        if _MONTH_KEY.fullmatch(provider_key) is None:
            return None
        try:
            response = await self._api.get(*self._path, *_year_and_month(provider_key), call=call)
        except NotFound:
            return None
        payload = self._require_object(response.body)
        invoice = translate.invoice(payload, self._account_ref, response.observed_at, is_detail=True)
        require_invoice(invoice.id, self._account_ref, provider_key)
        invoice.body = response.received
        return invoice

    def period_end(self, provider_key: str) -> datetime | None:
        """Return the end of the month that the key names. Returns None if the key is not a month."""
        return _month_end(provider_key)

    async def line_items(self, provider_key: str, call: CallContext) -> LineItems:
        """Return the line items of one month's invoice.

        Raises NotFound if the key is not a month. Raises Unintelligible if one line item is not an object: to skip it
        would hide that it is missing.
        """
        if _MONTH_KEY.fullmatch(provider_key) is None:
            raise NotFound(self._account_ref)
        response = await self._api.get(*self._path, *_year_and_month(provider_key), "line-items", call=call)
        rows = response.rows_if_changed(
            translate.LINE_ITEM,
            partial(self._rows_and_context, provider_key),
            translate.LineContext((), self._account_ref, provider_key),
        )
        return LineItems(response.observed_at, rows)

    def _rows_and_context(self, provider_key: str, body: Any) -> RowsAndContext:
        if isinstance(body, dict):
            body = next((body[key] for key in _WRAPPERS if key in body), None)
        rows = self._require_list(body, "a list of lines was expected")
        if not {dict}.issuperset(map(type, rows)):
            raise Unintelligible(self._account_ref, "an object was expected")
        return rows, translate.LineContext(rows, self._account_ref, provider_key)

    def _require_list(self, body: object, expectation: str) -> list[Any]:
        if not isinstance(body, list):
            raise Unintelligible(self._account_ref, expectation)
        return body

    def _require_object(self, body: object) -> Any:
        if not isinstance(body, dict):
            raise Unintelligible(self._account_ref, "an object was expected")
        return body


@lru_cache(_MAX_CACHED_MONTHS)
def _month_end(provider_key: str) -> datetime | None:
    if _MONTH_KEY.fullmatch(provider_key) is None:
        return None
    period = fields.month(*map(int, provider_key.split("-")))
    return period.end if period else None


@lru_cache(_MAX_CACHED_MONTHS)
def _year_and_month(provider_key: str) -> tuple[str, str]:
    """Return the two path segments: integers, the month without a leading zero."""
    year, month = provider_key.split("-")
    return year, str(int(month))
