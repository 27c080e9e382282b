"""Archera's beta API: the list, one invoice by year and month, and its line items."""

import re
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, ClassVar, Literal

from execution.rows import RowsAndContext
from providers import fields
from providers.errors import NotFound, ProviderError, Unintelligible
from providers.settings import AccountSettings, BaseUrl, Segment
from providers.source import DateWindow, InvoicePage, LineItems
from providers.transport.client import ApiClient
from schema.invoice import Invoice

from . import translate

_NATIVE = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_MONTHS = 1_000  # that are remembered
_WRAPPERS = ("line_items", "items", "data")  # that the lines are a bare array is likely, but not published


class ArcheraSettings(AccountSettings):
    """An organisation at Archera."""

    provider_name: ClassVar[str] = "Archera"
    key_header: ClassVar[str] = "x-api-key"

    provider: Literal["archera"]
    base_url: BaseUrl = "https://api.archera.ai"
    org_id: Segment

    @property
    def tenant(self) -> str:
        return self.org_id


class Archera:
    """One organisation at Archera."""

    volatile_keys: frozenset[str] = frozenset()
    list_is_local = list_is_static = False

    def __init__(self, settings: ArcheraSettings, api: ApiClient) -> None:
        self.settings = settings
        self.reference = settings.org_id
        self._api, self._owner = api, settings.owner
        self._invoices = ("beta", "v1", "org", settings.org_id, "invoices")

    async def page(self, _window: DateWindow, _cursor: str | None) -> InvoicePage:
        """Every invoice: the list has neither pages nor parameters."""
        answer = await self._api.get(*self._invoices)
        page = InvoicePage(answer.observed_at, digest=answer.digest)
        for row in self._rows(answer.body, "a list of invoices was expected"):
            try:
                page.invoices.append(translate.invoice(self._object(row), self._owner, answer.observed_at))
            except ProviderError as failure:
                page.failures.append(failure)
        page.total = len(page.invoices)
        return page

    async def invoice(self, native: str) -> Invoice | None:
        """The detail of one month, `2026-09`; anything else names no invoice, and nobody is asked."""
        if _NATIVE.fullmatch(native) is None:
            return None
        try:
            answer = await self._api.get(*self._invoices, *_year_and_month(native))
        except NotFound:
            return None
        found = translate.invoice(self._object(answer.body), self._owner, answer.observed_at, whole=True)
        if found.id != self._owner.invoice(native):
            raise Unintelligible(self._owner, "it is about another invoice")
        return found

    def period_end(self, native: str) -> datetime | None:
        """A key is a month."""
        return _end(native)

    async def line_items(self, native: str) -> LineItems:
        """The lines of one month's invoice; one that cannot be told would be missing unseen, so all must be objects."""
        if _NATIVE.fullmatch(native) is None:
            raise NotFound(self._owner)
        answer = await self._api.get(*self._invoices, *_year_and_month(native), "line-items")
        return LineItems(answer.observed_at, answer.rows_if_changed(translate.LINE, partial(self._lines, native)))

    def _lines(self, native: str, body: Any) -> RowsAndContext:
        if isinstance(body, dict):
            body = next((body[key] for key in _WRAPPERS if key in body), None)
        rows = self._rows(body, "a list of lines was expected")
        if not {dict}.issuperset(map(type, rows)):
            raise Unintelligible(self._owner, "an object was expected")
        return rows, translate.Lines(rows, self._owner, native)

    def _rows(self, body: object, expected: str) -> list[Any]:
        if not isinstance(body, list):
            raise Unintelligible(self._owner, expected)
        return body

    def _object(self, body: object) -> Any:
        if not isinstance(body, dict):
            raise Unintelligible(self._owner, "an object was expected")
        return body


@lru_cache(_MONTHS)
def _end(native: str) -> datetime | None:
    if _NATIVE.fullmatch(native) is None:
        return None
    period = fields.month(*map(int, native.split("-")))
    return period.end if period else None


@lru_cache(_MONTHS)
def _year_and_month(native: str) -> tuple[str, str]:
    """As the path has them: whole numbers, the month without a zero before it."""
    year, month = native.split("-")
    return year, str(int(month))
