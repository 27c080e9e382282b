"""Translation of the line items of a Fastly invoice, and of their coupons. Pure: no I/O."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeVar

import strawberry

from execution.columns import ColumnSet, InlineColumn, TextColumn
from execution.rows import RowList
from providers import fields
from providers.account import AccountRef
from providers.ids import digest_id
from schema.credit import Credit
from schema.filters import ChargeCategory, CreditKind
from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.scalars import CurrencyCode
from schema.values import Money, money_or_none

from . import wire
from .details import FastlyLineItemDetails

T = TypeVar("T")


def line_items(
    payload: wire.Invoice, account_ref: AccountRef, provider_key: str, currency: CurrencyCode | None, parent: Invoice
) -> RowList[LineItem] | None:
    """Return the line items in Fastly's order. Returns None if the payload has no list of them."""
    rows = fields.objects(payload, "transaction_line_items")
    if rows is None:
        return None
    context = LineContext(rows, account_ref, provider_key, currency, parent)
    return RowList(_LINE_ITEM, lambda: (rows, context))


class LineContext:
    """What all line items of one invoice share: the second argument of every line item column."""

    def __init__(
        self,
        rows: Sequence[wire.LineItem],
        account_ref: AccountRef,
        provider_key: str,
        currency: CurrencyCode | None,
        invoice: Invoice,
    ) -> None:
        self.rows, self.account_ref, self.provider_key = rows, account_ref, provider_key
        self.currency, self.invoice = currency, invoice

    @cached_property
    def line_item_ids(self) -> dict[int, str]:
        """The id of each line item by the identity of its row.

        Fastly's line items have no id. Theirs is a digest of the row and a number that counts the rows with the same
        digest.
        """
        prefix = self.account_ref.line_item_id(self.provider_key, "")  # what follows needs no percent-encoding
        return {row_id: f"{prefix}{digest}-{number}" for row_id, digest, number in self._numbered(self._digest)}

    @cached_property
    def coupon_ids(self) -> dict[int, str]:
        """The id of each coupon by the identity of its row: its code and a number that counts the rows with it."""
        coupons = self._numbered(_coupon_code)
        account_ref, provider_key = self.account_ref, self.provider_key
        return {row_id: account_ref.credit_id(provider_key, code, number) for row_id, code, number in coupons if code}

    def _numbered(self, key_of: Callable[[wire.LineItem], T]) -> Iterator[tuple[int, T, int]]:
        """Yield the identity of each row, its key, and its number among the rows with that key, from 1 on."""
        counts: dict[T, int] = {}
        for row in self.rows:
            key = key_of(row)
            counts[key] = counts.get(key, 0) + 1
            yield id(row), key, counts[key]

    def _digest(self, row: wire.LineItem) -> str:
        """Return a short digest of a row. It depends neither on the spelling of the keys nor on padded numbers."""
        has_currency = self.currency is not None
        facts: list[Any] = [
            fields.text(row, "description"),
            fields.text(row, "product_name", "ProductName"),
            fields.text(row, "product_group", "ProductGroup"),
            fields.text(row, "product_line", "ProductLine"),
            fields.text(row, "region", "Region"),
            _coupon_code(row),
            fields.text(row, "usage_type", "UsageType"),
            fields.canonical_number(row, "amount") if has_currency else None,
            fields.canonical_number(row, "rate") if has_currency else None,
            fields.canonical_number(row, "units"),
        ]
        return digest_id(facts)


def _text_column(key: str, capitalised_key: str) -> TextColumn:
    """Return the column of a text whose key has two spellings."""
    return TextColumn(key, lambda row, key: fields.text(row, key, capitalised_key))


_product = _text_column("product_name", "ProductName")
_usage_type = _text_column("usage_type", "UsageType")


def _coupon_code(row: wire.LineItem) -> str | None:
    return fields.text(row, "credit_coupon_code")


def _cost(row: wire.LineItem, context: LineContext) -> Money | None:
    return money_or_none(fields.number(row, "amount"), context.currency)


def _category(row: wire.LineItem, context: LineContext) -> ChargeCategory:
    amount = fields.number(row, "amount")
    if context.currency is None or amount is None or amount >= 0:
        return ChargeCategory.USAGE
    return ChargeCategory.CREDIT if _coupon_code(row) else ChargeCategory.ADJUSTMENT


def _coupon(row: wire.LineItem, context: LineContext) -> Credit | None:
    """Return the credit of a line item with a coupon code. Its value is the negated cost of the line item."""
    code = _coupon_code(row)
    if code is None:
        return None
    cost = _cost(row, context)
    return Credit(
        id=strawberry.ID(context.coupon_ids[id(row)]),
        account_id=context.account_ref.id,
        invoice_id=context.invoice.id,
        parent=context.invoice,
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
_LINE_ITEM = ColumnSet(
    LineItem,
    {
        "id": lambda row, context: context.line_item_ids[id(row)],
        "description": TextColumn("description", fields.text),
        "category": _category,
        "quantity": lambda row, _context: fields.quantity(row, "units", _usage_type(row)),
        "unit_price": InlineColumn(
            itemgetter("rate"), lambda row, context: money_or_none(fields.number(row, "rate"), context.currency)
        ),
        "cost": InlineColumn(itemgetter("amount"), _cost),
        "product": _product,
        "product_group": _text_column("product_group", "ProductGroup"),
        "product_line": _text_column("product_line", "ProductLine"),
        "region": _text_column("region", "Region"),
        "details": _DETAILS,
        "invoice_id": lambda _row, context: context.invoice.id,
        "parent": lambda _row, context: context.invoice,
        "credit": _coupon,
        "payload": lambda row, _context: row,
    },
)
