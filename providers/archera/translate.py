"""Archera's words in the graph's vocabulary. Pure: wire in, schema types out."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import strawberry

from providers import read
from providers.errors import Unintelligible
from providers.owner import Owner
from schema.credit import Credit
from schema.filter import ChargeCategory, CreditKind
from schema.invoice import Invoice, InvoiceStatus
from schema.late import Makers
from schema.line_item import LineItem
from schema.values import EXACT, BillingPeriod, CurrencyCode, Money, money, plain

from . import wire
from .details import ArcheraInvoiceDetails, ArcheraLineItemDetails

_USD = CurrencyCode("USD")  # named nowhere on the wire; the vendor's pages say dollars


def invoice(bill: wire.Invoice, owner: Owner, observed_at: datetime, *, whole: bool = False) -> Invoice:
    """An invoice; raises Unintelligible where it lacks its month. `whole`: the detail, which has all of it."""
    period = _period(bill)
    if period is None:
        raise Unintelligible(owner, "an invoice lacks its month")
    native = f"{period.start:%Y-%m}"
    return Invoice(
        id=strawberry.ID(owner.invoice(native)),
        account_id=owner.id,
        number=None,
        period=period,
        issued_at=None,
        status=InvoiceStatus.ISSUED,
        payment_states=None,
        payment_status=None,
        observed_at=observed_at,
        details=ArcheraInvoiceDetails.made(_INVOICE_DETAILS, bill, owner, native),
        wire=bill if whole else None,
        listed=None if whole else bill,
    )


def _period(bill: wire.Invoice) -> BillingPeriod | None:
    year, month = read.whole(bill, "year"), read.whole(bill, "month")
    return None if year is None or month is None else read.month(year, month)


def line_items(rows: Sequence[wire.LineItem], owner: Owner, native: str) -> list[LineItem]:
    """The lines in Archera's order.

    A line is known by its own id; where it has none, or shares it, by a digest of what it says and by the
    how-manyth it is that says so.
    """
    references = [read.text(row, "id") for row in rows]
    sharing = Counter(references)
    said: Counter[str] = Counter()
    lines = []
    for row, key in zip(rows, references, strict=True):
        if key is None or sharing[key] > 1:
            digest = _digest(row, owner)
            said[digest] += 1
            key = f"{digest}-{said[digest]}"  # noqa: PLW2901
        lines.append(LineItem.made(_LINE, row, owner, native, key))
    return lines


def line_details(row: wire.LineItem, owner: Owner, *_: str) -> ArcheraLineItemDetails:
    """The line's facts, its money in either shape."""
    return ArcheraLineItemDetails.made(_DETAILS, row, owner)


def _stated(row: wire.LineItem, owner: Owner, flat: str, *nested: str) -> Money | None:
    """Money from the nested shape or else from the flat one."""
    *way, key = nested
    part: read.Wire = read.object_(row, "commitment_financials") or row
    for step in way:
        part = read.object_(part, step)
    found = read.number(part, key)
    return money(read.number(row, flat) if found is None else found, owner.currency or _USD)


def _premium(row: wire.LineItem, owner: Owner, *_: str) -> Money | None:
    return _stated(row, owner, "archera_premiums", "commitment_cost", "breakdown", "archera_premium")


def _rebate(row: wire.LineItem, owner: Owner) -> Money | None:
    return _stated(row, owner, "rebates", "commitment_savings", "rebate")


def rebate(row: wire.LineItem, owner: Owner, native: str, key: str) -> Credit | None:
    """The credit of a line that gives money back; null where it states none, or nothing.

    Its key holds the month: lines may be numbered anew in each invoice, and each rebate is a grant of its own.
    """
    value = _rebate(row, owner)
    if value is None or not value.amount:
        return None
    return Credit(
        id=strawberry.ID(owner.credit(native, f"{native}-{key}", 1)),
        account_id=owner.id,
        invoice_id=owner.invoice(native),
        kind=CreditKind.REBATE,
        product=None,
        description=None,
        reference=read.text(row, "id"),
        value=value,
        used=None,
        remaining=None,
        starts_at=None,
        expires_at=None,
    )


def _digest(row: wire.LineItem, owner: Owner) -> str:
    """Short, and the same in both shapes of the wire and however its numbers are padded."""
    details = line_details(row, owner)
    money_said = (details.premium, details.rebate, details.gross_savings, details.net_savings)
    numbers = [details.utilization, *(part.amount if part else None for part in money_said)]
    said = [details.reference, details.commitment, details.contract_term]
    said += [None if number is None else plain(number.normalize(EXACT)) for number in numbers]
    return sha256(repr(said).encode()).hexdigest()[:16]


_INVOICE_DETAILS: Makers = {
    "reference": lambda bill, _, native: read.text(bill, "id") or native,
    "total_cloud_bill": lambda bill, owner, _: money(read.number(bill, "total_cloud_bill"), owner.currency or _USD),
    "invoice_date": lambda bill, *_: read.day(bill, "invoice_date"),
}
_DETAILS: Makers = {  # of a line, by the attribute
    "reference": lambda row, _: read.text(row, "id"),
    "commitment": lambda row, _: read.text(row, "commitment_id"),
    "contract_term": lambda row, _: read.text(row, "contract_term"),
    "utilization": lambda row, _: read.number(row, "utilization"),
    "premium": _premium,
    "rebate": _rebate,
    "gross_savings": lambda row, owner: _stated(row, owner, "total_savings", "commitment_savings", "gross"),
    "net_savings": lambda row, owner: _stated(row, owner, "net_savings", "commitment_savings", "net"),
}
_UNSAID = ("description", "quantity", "unit_price", "product", "product_group", "product_line", "region")
_LINE: Makers = {
    **dict.fromkeys(_UNSAID, lambda *_: None),
    "id": lambda _, owner, native, key: owner.line_item(native, key),
    "invoice_id": lambda _, owner, native, __: owner.invoice(native),
    "category": lambda *_: ChargeCategory.PURCHASE,
    "cost": _premium,
    "details": line_details,
    "credit": rebate,
    "wire": lambda row, *_: row,
}
