"""Which time to live an answer has."""

from datetime import UTC, datetime, timedelta

from providers.ttl import Kind
from schema.invoice import Invoice
from schema.payment import PaymentStatus

_SETTLES = timedelta(days=60)  # after a period, where payment is not followed


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
