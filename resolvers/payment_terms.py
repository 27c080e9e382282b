"""When payment of an invoice is due, by the terms that the configuration states, and whether it is overdue."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from providers.registry import Capability
from providers.settings import AccountSettings
from schema.invoice import Invoice, InvoiceStatus
from schema.payment import PaymentStatus

from .accounts import AccountRegistry, ConnectedAccount

_NET = re.compile(r"net[ -]?([0-9]{1,3})( days)?", re.IGNORECASE)


def due_at(invoice: Invoice, settings: AccountSettings) -> datetime | None:
    """Return the instant. Returns None if the invoice is running, or the days or their first day are not known."""
    days = net_days(settings)
    start = invoice.period.end if settings.due_from == "period_end" else invoice.issued_at
    if days is None or start is None or invoice.status is InvoiceStatus.OPEN:
        return None
    try:
        return start + timedelta(days=days)
    except OverflowError:  # later than the year 9999
        return None


def net_days(settings: AccountSettings) -> int | None:
    """Return the configured days, else those in terms such as `Net 30`. Returns None if neither says."""
    if settings.net_days is not None:
        return settings.net_days
    match = _NET.fullmatch(settings.payment_terms or "")
    return int(match[1]) if match else None


class PaymentTerms:
    """The payment of invoices, by the terms of their accounts. `now` returns the instant that counts."""

    def __init__(self, registry: Callable[[], AccountRegistry], now: Callable[[], datetime]) -> None:
        self._registry, self._now = registry, now

    def are_known(self, account: ConnectedAccount) -> bool:
        """Return whether an invoice of the account can be overdue, as far as its terms are known."""
        return net_days(account.source.settings) is not None

    def due_at(self, invoice: Invoice) -> datetime | None:
        account = self._account(invoice)
        return None if account is None else due_at(invoice, account.source.settings)

    def is_overdue(self, invoice: Invoice) -> bool | None:
        """Return whether payment is due, and the invoice is not paid. Returns None if one of both is not known."""
        instant = self.due_at(invoice)
        if instant is None or invoice.payment_status is None:
            return None
        return invoice.payment_status is not PaymentStatus.PAID and instant <= self._now()

    def failed_attempts(self, invoice: Invoice) -> int | None:
        """Return how many payments failed. Returns None if the provider states no history of payments."""
        account, states = self._account(invoice), invoice.payment_states
        if account is None or states is None or Capability.PAYMENT_HISTORY not in account.spec.capabilities:
            return None
        return sum(state.status is PaymentStatus.FAILED for state in states)

    def _account(self, invoice: Invoice) -> ConnectedAccount | None:
        """Return the account of an invoice. Returns None if the configuration has lost it."""
        registry = self._registry()
        if invoice.account_id not in registry:
            return None
        return registry[invoice.account_id]
