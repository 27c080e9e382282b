"""When payment of an invoice is due, by the terms that the configuration states."""

import re
from datetime import datetime, timedelta

from providers.settings import AccountSettings
from schema.invoice import Invoice

_NET = re.compile(r"net[ -]?([0-9]{1,3})( days)?", re.IGNORECASE)


def due_at(invoice: Invoice, settings: AccountSettings) -> datetime | None:
    """Return the instant. Returns None if the days, or the day from which they count, are not known."""
    days = net_days(settings)
    start = invoice.period.end if settings.due_from == "period_end" else invoice.issued_at
    return None if days is None or start is None else start + timedelta(days=days)


def net_days(settings: AccountSettings) -> int | None:
    """Return the configured days, else those in terms such as `Net 30`. Returns None if neither says."""
    if settings.net_days is not None:
        return settings.net_days
    match = _NET.fullmatch(settings.payment_terms or "")
    return int(match[1]) if match else None
