"""What figures of an Archera invoice can be compared."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from providers.checks import CURRENCY, Comparison, InvoiceCheck, InvoiceFigures, compare_sum, list_detail, unknown
from schema.invoice import Invoice
from schema.reconciliation import CheckCode, CheckReason
from schema.values import Money

_SHARE = "share of the commitment"


def _utilization(figures: InvoiceFigures) -> Iterator[Comparison]:
    """Compare each share with the nearest one that is possible."""
    for line in figures.lines or ():
        details: Any = line.details
        share: Decimal | None = details.utilization
        if share is None:
            yield unknown(str(line.id), CheckReason.NOT_STATED, _SHARE)
        else:
            yield Comparison(str(line.id), min(max(share, Decimal(0)), Decimal(1)), share, unit=_SHARE)


def _savings(figures: InvoiceFigures) -> Iterator[Comparison]:
    for line in figures.lines or ():
        details: Any = line.details
        parts = [details.gross_savings, _negated(details.premium), details.rebate]
        difference = compare_sum(str(line.id), figures.invoice, details.net_savings, parts)
        yield difference._replace(expected=difference.actual, actual=difference.expected)


def _negated(money: Money | None) -> Money | None:
    return None if money is None else Money(amount=money.amount.copy_negate(), currency=money.currency)


def _cloud_bill(invoice: Invoice) -> Money | None:
    details: Any = invoice.details
    bill: Money | None = details.total_cloud_bill
    return bill


CHECKS = (
    InvoiceCheck(CheckCode.UTILIZATION, _utilization),
    InvoiceCheck(CheckCode.SAVINGS, _savings),
    CURRENCY,
    list_detail(_cloud_bill),
)
