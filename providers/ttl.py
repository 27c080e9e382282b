"""How long an answer stands, by what it means."""

from enum import Enum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(ge=0)]


class CacheClass(Enum):
    """What an answer is about; the values are the keys of the configuration."""

    SETTLED = "settled"
    INVOICE = "invoice"
    LIST = "list"
    MONTH_TO_DATE = "month_to_date"
    ABSENT = "absent"


class CacheTtl(BaseModel):
    """The `[accounts.freshness]` table: seconds for which an answer is not asked for again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    settled: Seconds = 24 * 60 * 60  # an invoice that does not change any more
    invoice: Seconds = 5 * 60  # any other
    list: Seconds = 5 * 60
    month_to_date: Seconds = 15 * 60
    absent: Seconds = 60  # that there is no such invoice
    stale_for: Seconds = 24 * 60 * 60  # after that, for which it is still given while the provider fails

    def seconds_for(self, kind: CacheClass) -> float:
        seconds: float = getattr(self, kind.value)
        return seconds
