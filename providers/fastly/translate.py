"""Fastly's words in the graph's vocabulary. Pure: wire in, schema types out."""

from collections import Counter
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import cast

import strawberry

from providers import read
from providers.base import MONTH_TO_DATE
from providers.errors import Unintelligible
from providers.owner import Owner
from schema.credit import Credit
from schema.filter import ChargeCategory, CreditKind
from schema.invoice import Invoice, InvoiceStatus, Part
from schema.line_item import LineItem
from schema.payment import PaymentState, PaymentStatus, current
from schema.values import EXACT, BillingPeriod, CurrencyCode, Money, currency_code, money, plain

from . import wire
from .details import FastlyInvoiceDetails, FastlyLineItemDetails

_STATUS = {"paid": PaymentStatus.PAID, "outstanding": PaymentStatus.PENDING}


def invoice(bill: wire.Invoice, owner: Owner, observed_at: datetime) -> Invoice:
    """A posted invoice; raises Unintelligible where it lacks its id or its period."""
    period = read.period(read.instant(bill, "billing_start_date"), read.instant(bill, "billing_end_date"))
    native = read.text(bill, "invoice_id")
    if native is None or period is None:
        raise Unintelligible(owner, "an invoice lacks its id or its period")
    currency = currency_code(read.text(bill, "currency_code") or "") or owner.currency
    posted = read.instant(bill, "invoice_posted_on")
    return _invoice(
        bill,
        owner,
        observed_at,
        native,
        period,
        currency,
        issued_at=posted if posted and posted >= period.end else None,
    )


def month_to_date(
    bill: wire.Invoice, owner: Owner, observed_at: datetime, currency: CurrencyCode | None = None
) -> Invoice:
    """The running invoice. Its own id changes at each reading, and it names no currency: see Invoice.priced_in."""
    start, end = read.instant(bill, "billing_start_date"), read.instant(bill, "billing_end_date")
    if start is None or end is None or end < start:
        raise Unintelligible(owner, "the running invoice lacks its period")
    currency = currency or currency_code(read.text(bill, "currency_code") or "")
    found = _invoice(bill, owner, observed_at, MONTH_TO_DATE, BillingPeriod(start=start, end=end), currency)
    found.status = InvoiceStatus.OPEN
    if currency is None:
        found.priced_in = partial(month_to_date, bill, owner, observed_at)
    return found


def _invoice(
    bill: wire.Invoice,
    owner: Owner,
    observed_at: datetime,
    native: str,
    period: BillingPeriod,
    currency: CurrencyCode | None,
    issued_at: datetime | None = None,
) -> Invoice:
    states = payment_states(bill)
    return Invoice(
        id=strawberry.ID(owner.invoice(native)),
        account_id=owner.id,
        number=read.text(bill, "statement_number"),
        period=period,
        issued_at=issued_at,
        status=InvoiceStatus.ISSUED,
        stated_total=money(read.number(bill, "monthly_transaction_amount"), currency),
        payment_states=states,
        payment_status=current(states),
        observed_at=observed_at,
        details=invoice_details(bill, native),
        lines=Part(partial(line_items, bill, owner, native, currency)),
        wire=bill,
    )


def invoice_details(bill: wire.Invoice, native: str) -> FastlyInvoiceDetails:
    return FastlyInvoiceDetails(
        reference=read.text(bill, "invoice_id") or native,
        customer=read.text(bill, "customer_id"),
        statement_number=read.text(bill, "statement_number"),
        posted_on=read.instant(bill, "invoice_posted_on"),
    )


def payment_states(bill: wire.Invoice) -> list[PaymentState] | None:
    """The one state that Fastly gives, without an instant; null where it gives none."""
    word = read.text(bill, "payment_status")
    if word is None:
        return None
    return [PaymentState(status=_STATUS.get(word, PaymentStatus.UNRECOGNIZED), word=word, message=None, at=None)]


def line_items(
    bill: wire.Invoice, owner: Owner, native: str, currency: CurrencyCode | None, parent: Invoice
) -> list[LineItem] | None:
    """The lines in Fastly's order; null where it lists none. `native` is the invoice's key.

    A line has no id of its own: it is known by a digest of what it says, and by the how-manyth it is that
    says so. A coupon is known likewise, by its code.
    """
    rows = read.objects(bill, "transaction_line_items")
    if rows is None:
        return None
    seen: Counter[str] = Counter()
    lines = []
    for row in rows:
        line = line_item(row, currency)
        said = _digest(line)
        seen[said] += 1
        line.id = strawberry.ID(owner.line_item(native, f"{said}-{seen[said]}"))
        line.invoice_id, line.parent = parent.id, parent
        code = read.text(row, "credit_coupon_code")
        if code:
            seen[f"coupon {code}"] += 1
            line.credit = coupon(line, code, owner.credit(native, code, seen[f"coupon {code}"]), owner.id)
        lines.append(line)
    return lines


def line_item(row: read.Wire, currency: CurrencyCode | None) -> LineItem:
    """One line in either spelling; it gets its id among its neighbours."""
    cost = money(read.number(row, "amount"), currency)
    code, usage = read.text(row, "credit_coupon_code"), read.text(row, "usage_type", "UsageType")
    return LineItem(
        id=strawberry.ID(""),
        invoice_id="",
        description=read.text(row, "description"),
        category=category(cost, code),
        quantity=read.quantity(row, "units", usage),
        unit_price=money(read.number(row, "rate"), currency),
        cost=cost,
        product=read.text(row, "product_name", "ProductName"),
        product_group=read.text(row, "product_group", "ProductGroup"),
        product_line=read.text(row, "product_line", "ProductLine"),
        region=read.text(row, "region", "Region"),
        details=FastlyLineItemDetails(reference=None, coupon_code=code, usage_type=usage),
        credit=None,
        wire=row,
    )


def category(cost: Money | None, coupon_code: str | None) -> ChargeCategory:
    if cost is None or cost.amount >= 0:
        return ChargeCategory.USAGE
    return ChargeCategory.CREDIT if coupon_code else ChargeCategory.ADJUSTMENT


def coupon(line: LineItem, code: str, credit_id: str, account_id: str) -> Credit:
    """The credit that a line with a coupon's code grants, worth minus what the line costs."""
    value = Money(amount=line.cost.amount.copy_negate(), currency=line.cost.currency) if line.cost else None
    return Credit(
        id=strawberry.ID(credit_id),
        account_id=account_id,
        invoice_id=line.invoice_id,
        parent=line.parent,
        kind=CreditKind.COUPON,
        product=line.product,
        description=line.description,
        reference=code,
        value=value,
        used=None,
        remaining=None,
        starts_at=None,
        expires_at=None,
    )


def _digest(line: LineItem) -> str:
    """Short, and the same for both spellings of the wire and however its numbers are padded."""
    details = cast("FastlyLineItemDetails", line.details)
    amounts = [
        plain(part.amount.normalize(EXACT)) if part else None for part in (line.cost, line.unit_price, line.quantity)
    ]
    said = [line.description, line.product, line.product_group, line.product_line, line.region]
    said += [details.coupon_code, details.usage_type, *amounts]
    return sha256(repr(said).encode()).hexdigest()[:16]
