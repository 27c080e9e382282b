"""Translation of the line items of a Palette invoice: one for each product with an amount. Pure: no I/O."""

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
from schema.values import money_or_none

from . import wire
from .details import SpectroCloudLineItemDetails
from .products import CREDITS, PRODUCTS, product_rows


def line_items(
    status: wire.Status, account_ref: AccountRef, provider_key: str, currency: CurrencyCode | None, parent: Invoice
) -> RowList[LineItem] | None:
    """Return one line item for each product with an amount. Its key is that of the product.

    Returns None if the status has no object of products.
    """
    products = product_rows(status, "productInvoice")
    if products is None:
        return None
    keyed_rows = [(key, row) for key, row in products if row.get("amount") not in (None, "")]
    rows = [row for _, row in keyed_rows]
    context = LineContext({id(row): key for key, row in keyed_rows}, account_ref, provider_key, currency, parent)
    return RowList(_LINE_ITEM, lambda: (rows, context))


@dataclass(frozen=True, slots=True, eq=False)
class LineContext:
    """What all line items of one invoice share: the second argument of every line item column."""

    product_keys: dict[int, str]  # the key of each row's product by the identity of the row
    account_ref: AccountRef
    provider_key: str
    currency: CurrencyCode | None
    invoice: Invoice


def _money_column(key: str) -> InlineColumn:
    return InlineColumn(itemgetter(key), lambda row, context: money_or_none(fields.number(row, key), context.currency))


_DETAILS = ColumnSet(
    SpectroCloudLineItemDetails,
    {
        "reference": lambda row, context: context.product_keys[id(row)],
        "tier": TextColumn("tierName", fields.text),
        "used_credits": lambda row, _context: fields.number(row, "usedCredits"),
    },
)
_NEVER_STATED = ("description", "product_group", "product_line", "region", "credit")
_LINE_ITEM = ColumnSet(
    LineItem,
    {
        **dict.fromkeys(_NEVER_STATED, lambda *_: None),
        "id": lambda row, context: context.account_ref.line_item_id(
            context.provider_key, context.product_keys[id(row)]
        ),
        "category": lambda *_: ChargeCategory.USAGE,
        "quantity": lambda row, _context: fields.quantity(row, "billableCredits", CREDITS),
        "unit_price": _money_column("tierPrice"),
        "cost": _money_column("amount"),
        "product": lambda row, context: PRODUCTS[context.product_keys[id(row)]],
        "details": _DETAILS,
        "invoice_id": lambda _row, context: context.invoice.id,
        "parent": lambda _row, context: context.invoice,
        "payload": lambda row, _context: row,
    },
)
