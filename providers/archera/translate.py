"""Archera's words in the graph's vocabulary. Pure: wire in, schema types out."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from hashlib import sha256

import strawberry

from execution.columns import ColumnSet, InlineColumn, TextColumn
from providers import fields, ids
from providers.account import AccountRef
from providers.errors import Unintelligible
from schema.credit import Credit
from schema.filters import ChargeCategory, CreditKind
from schema.invoice import Invoice, InvoiceStatus
from schema.line_item import LineItem
from schema.scalars import EXACT, CurrencyCode, format_decimal
from schema.values import Money, money

from . import wire
from .details import ArcheraInvoiceDetails, ArcheraLineItemDetails

_USD = CurrencyCode("USD")  # named nowhere on the wire; the vendor's pages say dollars


def invoice(bill: wire.Invoice, owner: AccountRef, observed_at: datetime, *, whole: bool = False) -> Invoice:
    """An invoice; raises Unintelligible where it lacks its month. `whole`: the detail, which has all of it."""
    year, month = fields.integer(bill, "year"), fields.integer(bill, "month")
    if year is None or month is None or (period := fields.month(year, month)) is None:
        raise Unintelligible(owner, "an invoice lacks its month")
    native = f"{year:04}-{month:02}"
    found = _INVOICE(bill, owner, native)
    found.id, found.account_id, found.period = strawberry.ID(owner.invoice(native)), owner.id, period
    found.observed_at, found.status, found.line_part = observed_at, InvoiceStatus.ISSUED, None
    found.payload, found.list_payload = (bill, None) if whole else (None, bill)
    return found


class Lines:
    """What the lines of one invoice have in common."""

    def __init__(self, rows: Sequence[wire.LineItem], owner: AccountRef, native: str) -> None:
        self.rows, self.owner, self.native = rows, owner, native
        self.currency, self.begin = owner.currency or _USD, owner.line_item(native, "")

    @cached_property
    def keys(self) -> dict[int, str]:
        """By a row's identity: a line is known by its own id; where it has none, or shares it, by a digest of what it
        says and by the how-manyth it is that says so."""
        references = [fields.text(row, "id") for row in self.rows]
        sharing, said = Counter(references), Counter[str]()
        keys = {}
        for row, key in zip(self.rows, references, strict=True):
            if key is None or sharing[key] > 1:
                digest = _digest(row, self)
                said[digest] += 1
                key = f"{digest}-{said[digest]}"  # noqa: PLW2901
            keys[id(row)] = key
        return keys


def _stated(row: wire.LineItem, lines: Lines, flat: str, *nested: str) -> Money | None:
    """Money from the nested shape or else from the flat one."""
    *way, key = nested
    part: fields.Wire = fields.mapping(row, "commitment_financials") or row
    for step in way:
        part = fields.mapping(part, step)
    found = fields.number(part, key)
    return money(fields.number(row, flat) if found is None else found, lines.currency)


_PREMIUM = InlineColumn(
    lambda row: row["commitment_financials"]["commitment_cost"]["breakdown"]["archera_premium"],
    lambda row, lines: _stated(row, lines, "archera_premiums", "commitment_cost", "breakdown", "archera_premium"),
)


def _rebate(row: wire.LineItem, lines: Lines) -> Money | None:
    return _stated(row, lines, "rebates", "commitment_savings", "rebate")


def _credit(row: wire.LineItem, lines: Lines) -> Credit | None:
    """The credit of a line that gives money back; null where it states none, or nothing.

    Its key holds the month: lines may be numbered anew in each invoice, and each rebate is a grant of its own.
    """
    value = _rebate(row, lines)
    if value is None or not value.amount:
        return None
    owner, native = lines.owner, lines.native
    return Credit(
        id=strawberry.ID(owner.credit(native, f"{native}-{lines.keys[id(row)]}", 1)),
        account_id=owner.id,
        invoice_id=owner.invoice(native),
        kind=CreditKind.REBATE,
        product=None,
        description=None,
        reference=fields.text(row, "id"),
        value=value,
        used=None,
        remaining=None,
        starts_at=None,
        expires_at=None,
    )


def _digest(row: wire.LineItem, lines: Lines) -> str:
    """Short, and the same in both shapes of the wire and however its numbers are padded."""
    details = _DETAILS(row, lines)
    money_said = (details.premium, details.rebate, details.gross_savings, details.net_savings)
    numbers = [details.utilization, *(part.amount if part else None for part in money_said)]
    said = [details.reference, details.commitment, details.contract_term]
    said += [None if number is None else format_decimal(number.normalize(EXACT)) for number in numbers]
    return sha256(repr(said).encode()).hexdigest()[:16]


_INVOICE_DETAILS = ColumnSet(  # of an invoice, its owner and its key, as the invoice itself
    ArcheraInvoiceDetails,
    {
        "reference": lambda bill, _, native: fields.text(bill, "id") or native,
        "total_cloud_bill": lambda bill, owner, _: money(
            fields.number(bill, "total_cloud_bill"), owner.currency or _USD
        ),
        "invoice_date": lambda bill, *_: fields.day(bill, "invoice_date"),
    },
)
_INVOICE = ColumnSet(
    Invoice,
    {
        **dict.fromkeys(
            ("number", "issued_at", "payment_states", "payment_status", "total_without_lookup"), lambda *_: None
        ),
        **dict.fromkeys(("credit_part", "charge_part"), lambda *_: None),
        "details": _INVOICE_DETAILS,
    },
)
_DETAILS = ColumnSet(
    ArcheraLineItemDetails,
    {
        "reference": TextColumn("id", fields.text),
        "commitment": TextColumn("commitment_id", fields.text),
        "contract_term": TextColumn("contract_term", fields.text),
        "utilization": lambda row, _: fields.number(row, "utilization"),
        "premium": _PREMIUM,
        "rebate": _rebate,
        "gross_savings": lambda row, lines: _stated(row, lines, "total_savings", "commitment_savings", "gross"),
        "net_savings": lambda row, lines: _stated(row, lines, "net_savings", "commitment_savings", "net"),
    },
)
_UNSAID = ("description", "quantity", "unit_price", "product", "product_group", "product_line", "region", "parent")
LINE = ColumnSet(
    LineItem,
    {
        **dict.fromkeys(_UNSAID, lambda *_: None),
        "id": lambda row, lines: lines.begin + ids.encode_part(lines.keys[id(row)]),
        "invoice_id": lambda _, lines: lines.owner.invoice(lines.native),
        "category": lambda *_: ChargeCategory.PURCHASE,
        "cost": _PREMIUM,
        "details": _DETAILS,
        "credit": _credit,
        "payload": lambda row, _: row,
    },
)
