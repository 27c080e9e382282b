"""How long responses stay fresh: the TTL of each class of cached data."""

from enum import Enum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(ge=0)]


class CacheClass(Enum):
    """The class of a cached response. The values are the keys of `[accounts.freshness]`."""

    SETTLED = "settled"
    INVOICE = "invoice"
    LIST = "list"
    MONTH_TO_DATE = "month_to_date"
    ABSENT = "absent"


class CacheTtl(BaseModel):
    """The `[accounts.freshness]` table: seconds for which a cached response is used without another call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    settled: Seconds = 24 * 60 * 60  # an invoice that does not change any more
    invoice: Seconds = 5 * 60  # any other invoice
    list: Seconds = 5 * 60
    month_to_date: Seconds = 15 * 60
    absent: Seconds = 60  # the fact that an invoice does not exist
    stale_for: Seconds = 24 * 60 * 60  # after expiry, seconds for which it may be served while the provider fails

    def seconds_for(self, cache_class: CacheClass) -> float:
        seconds: float = getattr(self, cache_class.value)
        return seconds
