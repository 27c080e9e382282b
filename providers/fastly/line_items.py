"""The lines of a Fastly invoice, and the coupons among them. Pure: wire in, schema types out."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from operator import itemgetter
from typing import TypeVar

import strawberry

from execution.columns import ColumnSet, InlineColumn, TextColumn
from execution.rows import RowList
from providers import fields
from providers.account import AccountRef
from schema.credit import Credit
from schema.filters import ChargeCategory, CreditKind
from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.scalars import CurrencyCode
from schema.values import Money, money

from . import wire
from .details import FastlyLineItemDetails

S = TypeVar("S")


def line_items(
    bill: wire.Invoice, owner: AccountRef, native: str, currency: CurrencyCode | None, parent: Invoice
) -> RowList[LineItem] | None:
    """The lines in Fastly's order; null where it lists none. `native` is the invoice's key."""
    rows = fields.objects(bill, "transaction_line_items")
    if rows is None:
        return None
    lines = Lines(rows, owner, native, currency, parent)
    return RowList(_LINE, lambda: (rows, lines))


class Lines:
    """What the lines of one invoice have in common, and what tells them apart."""

    def __init__(
        self,
        rows: Sequence[wire.LineItem],
        owner: AccountRef,
        native: str,
        currency: CurrencyCode | None,
        invoice: Invoice,
    ) -> None:
        self.rows, self.owner, self.native = rows, owner, native
        self.currency, self.invoice = currency, invoice

    @cached_property
    def ids(self) -> dict[int, str]:
        """By a row's identity. A line has no id of its own: it is known by a digest of what it says, and by the
        how-manyth it is that says so."""
        begin = self.owner.line_item(self.native, "")  # what follows needs no encoding
        return {row: f"{begin}{said}-{number}" for row, said, number in self._counted(self._digest)}

    @cached_property
    def coupon_ids(self) -> dict[int, str]:
        """By a row's identity. A coupon is known likewise, by its code."""
        coupons = self._counted(_coupon_code)
        return {row: self.owner.credit(self.native, code, number) for row, code, number in coupons if code}

    def _counted(self, say: Callable[[wire.LineItem], S]) -> Iterator[tuple[int, S, int]]:
        """Each row's identity, what is said of it, and the how-manyth it is of which that is said."""
        seen: dict[S, int] = {}
        for row in self.rows:
            said = say(row)
            seen[said] = seen.get(said, 0) + 1
            yield id(row), said, seen[said]

    def _digest(self, row: wire.LineItem) -> str:
        """Short, and the same for both spellings of the wire and however its numbers are padded."""
        priced = self.currency is not None
        said = [
            fields.text(row, "description"),
            fields.text(row, "product_name", "ProductName"),
            fields.text(row, "product_group", "ProductGroup"),
            fields.text(row, "product_line", "ProductLine"),
            fields.text(row, "region", "Region"),
            _coupon_code(row),
            fields.text(row, "usage_type", "UsageType"),
            fields.canonical_number(row, "amount") if priced else None,
            fields.canonical_number(row, "rate") if priced else None,
            fields.canonical_number(row, "units"),
        ]
        return sha256(repr(said).encode()).hexdigest()[:16]


def _text(key: str, other: str) -> TextColumn:
    """As one of the two spellings of the wire has it."""
    return TextColumn(key, lambda row, key: fields.text(row, key, other))


_product, _usage_type = _text("product_name", "ProductName"), _text("usage_type", "UsageType")


def _coupon_code(row: wire.LineItem) -> str | None:
    return fields.text(row, "credit_coupon_code")


def _cost(row: wire.LineItem, lines: Lines) -> Money | None:
    return money(fields.number(row, "amount"), lines.currency)


def _category(row: wire.LineItem, lines: Lines) -> ChargeCategory:
    amount = fields.number(row, "amount")
    if lines.currency is None or amount is None or amount >= 0:
        return ChargeCategory.USAGE
    return ChargeCategory.CREDIT if _coupon_code(row) else ChargeCategory.ADJUSTMENT


def _coupon(row: wire.LineItem, lines: Lines) -> Credit | None:
    """The credit that a line with a coupon's code grants, worth minus what the line costs."""
    code = _coupon_code(row)
    if code is None:
        return None
    cost = _cost(row, lines)
    return Credit(
        id=strawberry.ID(lines.coupon_ids[id(row)]),
        account_id=lines.owner.id,
        invoice_id=lines.invoice.id,
        parent=lines.invoice,
        kind=CreditKind.COUPON,
        product=_product(row),
        description=fields.text(row, "description"),
        reference=code,
        value=Money(amount=cost.amount.copy_negate(), currency=cost.currency) if cost else None,
        used=None,
        remaining=None,
        starts_at=None,
        expires_at=None,
    )


_DETAILS = ColumnSet(
    FastlyLineItemDetails,
    {
        "reference": lambda *_: None,
        "coupon_code": TextColumn("credit_coupon_code", fields.text),
        "usage_type": _usage_type,
    },
)
_LINE = ColumnSet(
    LineItem,
    {
        "id": lambda row, lines: lines.ids[id(row)],
        "description": TextColumn("description", fields.text),
        "category": _category,
        "quantity": lambda row, _: fields.quantity(row, "units", _usage_type(row)),
        "unit_price": InlineColumn(
            itemgetter("rate"), lambda row, lines: money(fields.number(row, "rate"), lines.currency)
        ),
        "cost": InlineColumn(itemgetter("amount"), _cost),
        "product": _product,
        "product_group": _text("product_group", "ProductGroup"),
        "product_line": _text("product_line", "ProductLine"),
        "region": _text("region", "Region"),
        "details": _DETAILS,
        "invoice_id": lambda _, lines: lines.invoice.id,
        "parent": lambda _, lines: lines.invoice,
        "credit": _coupon,
        "payload": lambda row, _: row,
    },
)
