"""How long an answer stands, by what it means."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schema.invoice import Invoice
from schema.payment import PaymentStatus

_SETTLES = timedelta(days=60)  # after a period, where payment is not followed
Seconds = Annotated[float, Field(ge=0)]


class Kind(Enum):
    """What an answer is about; the values are the keys of the configuration."""

    SETTLED = "settled"
    INVOICE = "invoice"
    LIST = "list"
    MONTH_TO_DATE = "month_to_date"
    ABSENT = "absent"


class Freshness(BaseModel):
    """The `[accounts.freshness]` table: seconds for which an answer is not asked for again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    settled: Seconds = 24 * 60 * 60  # an invoice that does not change any more
    invoice: Seconds = 5 * 60  # any other
    list: Seconds = 5 * 60
    month_to_date: Seconds = 15 * 60
    absent: Seconds = 60  # that there is no such invoice
    stale_for: Seconds = 24 * 60 * 60  # after that, for which it is still given while the provider fails

    def of(self, kind: Kind) -> float:
        seconds: float = getattr(self, kind.value)
        return seconds


def of_invoice(invoice: Invoice | None, now: datetime | None = None) -> Kind:
    """What a posted invoice, or its absence, is."""
    if invoice is None:
        return Kind.ABSENT
    if invoice.payment_states is not None:
        return Kind.SETTLED if invoice.payment_status is PaymentStatus.PAID else Kind.INVOICE
    return of_unfollowed(invoice.period.end, now)


def of_unfollowed(end: datetime, now: datetime | None = None) -> Kind:
    """What an invoice is whose provider does not follow payment: settled two months after its period."""
    return Kind.SETTLED if (now or datetime.now(UTC)) - end > _SETTLES else Kind.INVOICE
