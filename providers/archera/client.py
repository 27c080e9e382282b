"""Client for Archera's beta API: the list, one invoice by year and month, and its line items."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, Literal

from providers import fields
from providers.call import CallContext
from providers.errors import NotFound
from providers.rest import RestSource
from providers.rows.columns import InvoiceContext
from providers.settings import AccountSettings, BaseUrl, Segment
from providers.source import LineItems
from providers.transport.client import ApiClient

from .translate import USD, ArcheraInvoice, ArcheraLineItem

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


class Archera(RestSource[ArcheraSettings]):
    """The source of one organization's invoices."""

    invoice_row = ArcheraInvoice

    def __init__(self, settings: ArcheraSettings, api: ApiClient) -> None:
        super().__init__(settings, api)
        self.path = ("beta", "v1", "org", settings.org_id, "invoices")

    def path_below(self, provider_key: str) -> tuple[str, str] | None:
        return _year_and_month(provider_key)

    def period_end(self, provider_key: str) -> datetime | None:
        """Return the end of the month that the key names. Returns None if the key is not a month."""
        year_and_month = _year_and_month(provider_key)
        period = fields.month(*map(int, year_and_month)) if year_and_month else None
        return period.end if period else None

    async def line_items(self, provider_key: str, call: CallContext) -> LineItems:
        """Return the line items of one month's invoice. Raises NotFound if the key is not a month."""
        path = self.path_below(provider_key)
        if path is None:
            raise NotFound(self.account_ref)
        response = await self.api.get(*self.path, *path, "line-items", call=call)
        context = InvoiceContext(self.account_ref, provider_key, self.account_ref.currency or USD)
        return self.read_line_items(response, ArcheraLineItem, context, self.find_line_items)

    def find_line_items(self, body: Any) -> Any:
        """Return the list of line items in a body."""
        return next((body[key] for key in _WRAPPERS if key in body), None) if isinstance(body, dict) else body


@lru_cache(_MAX_CACHED_MONTHS)
def _year_and_month(provider_key: str) -> tuple[str, str] | None:
    """Return two path segments: integers, the month without a leading zero. Returns None if the key is not a month."""
    if _MONTH_KEY.fullmatch(provider_key) is None:
        return None
    year, month = provider_key.split("-")
    return year, str(int(month))
