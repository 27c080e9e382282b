"""The lines of a Palette invoice: one for each product that costs something. Pure: wire in, schema types out."""

from dataclasses import dataclass
from operator import itemgetter

from execution.columns import ColumnSet, InlineColumn, TextColumn
from execution.rows import RowList
from providers import fields
from providers.account import AccountRef
from schema.filters import ChargeCategory
from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.scalars import CurrencyCode
from schema.values import money

from . import wire
from .details import SpectroCloudLineItemDetails
from .products import CREDITS, PRODUCTS, by_product


def line_items(
    status: wire.Status, owner: AccountRef, native: str, priced_in: CurrencyCode | None, parent: Invoice
) -> RowList[LineItem] | None:
    """One line for each product that bears an amount, known by the product's key; null where no product is named."""
    products = by_product(status, "productInvoice")
    if products is None:
        return None
    costing = [(key, row) for key, row in products if row.get("amount") not in (None, "")]
    rows = [row for _, row in costing]
    lines = Lines({id(row): key for key, row in costing}, owner, native, priced_in, parent)
    return RowList(_LINE, lambda: (rows, lines))


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """What the lines of one invoice have in common, and the products that they are of, by the rows' identities."""

    keys: dict[int, str]
    owner: AccountRef
    native: str
    currency: CurrencyCode | None
    invoice: Invoice


def _money(key: str) -> InlineColumn:
    return InlineColumn(itemgetter(key), lambda row, lines: money(fields.number(row, key), lines.currency))


_DETAILS = ColumnSet(
    SpectroCloudLineItemDetails,
    {
        "reference": lambda row, lines: lines.keys[id(row)],
        "tier": TextColumn("tierName", fields.text),
        "used_credits": lambda row, _: fields.number(row, "usedCredits"),
    },
)
_UNSAID = ("description", "product_group", "product_line", "region", "credit")
_LINE = ColumnSet(
    LineItem,
    {
        **dict.fromkeys(_UNSAID, lambda *_: None),
        "id": lambda row, lines: lines.owner.line_item(lines.native, lines.keys[id(row)]),
        "category": lambda *_: ChargeCategory.USAGE,
        "quantity": lambda row, _: fields.quantity(row, "billableCredits", CREDITS),
        "unit_price": _money("tierPrice"),
        "cost": _money("amount"),
        "product": lambda row, lines: PRODUCTS[lines.keys[id(row)]],
        "details": _DETAILS,
        "invoice_id": lambda _, lines: lines.invoice.id,
        "parent": lambda _, lines: lines.invoice,
        "payload": lambda row, _: row,
    },
)
