"""Choice of the cache class, and so of the TTL, of a value."""

from datetime import UTC, datetime, timedelta

from providers.ttl import CacheClass
from schema.invoice import Invoice
from schema.payment import PaymentStatus

_SETTLEMENT_PERIOD = timedelta(days=60)  # after the billing period, if the provider does not report payments


def classify_invoice(invoice: Invoice | None, now: datetime | None = None) -> CacheClass:
    """Return the cache class of a posted invoice, or of its absence."""
    if invoice is None:
        return CacheClass.ABSENT
    if invoice.payment_states is not None:
        return CacheClass.SETTLED if invoice.payment_status is PaymentStatus.PAID else CacheClass.INVOICE
    return classify_by_age(invoice.period.end, now)


def classify_by_age(period_end: datetime, now: datetime | None = None) -> CacheClass:
    """Return the cache class of an invoice without payment states: settled 60 days after its period."""
    is_settled = (now or datetime.now(UTC)) - period_end > _SETTLEMENT_PERIOD
    return CacheClass.SETTLED if is_settled else CacheClass.INVOICE
