"""Which time to live an answer has."""

from datetime import UTC, datetime, timedelta

from providers.ttl import CacheClass
from schema.invoice import Invoice
from schema.payment import PaymentStatus

_SETTLES_AFTER = timedelta(days=60)  # after a period, where payment is not followed


def classify_invoice(invoice: Invoice | None, now: datetime | None = None) -> CacheClass:
    """What a posted invoice, or its absence, is."""
    if invoice is None:
        return CacheClass.ABSENT
    if invoice.payment_states is not None:
        return CacheClass.SETTLED if invoice.payment_status is PaymentStatus.PAID else CacheClass.INVOICE
    return classify_by_age(invoice.period.end, now)


def classify_by_age(end: datetime, now: datetime | None = None) -> CacheClass:
    """What an invoice is whose provider does not follow payment: settled two months after its period."""
    return CacheClass.SETTLED if (now or datetime.now(UTC)) - end > _SETTLES_AFTER else CacheClass.INVOICE
