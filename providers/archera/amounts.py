"""The money of an Archera line item. Its keys are not published: two shapes are read, as other resources have them."""

import re
from collections.abc import Iterator
from functools import reduce
from typing import Any

from execution.columns import SHAPE_ERRORS, InlineColumn
from providers import fields
from providers.errors import Unintelligible
from providers.rows import columns
from providers.rows.columns import InvoiceContext
from schema.values import Money

_PARTS = ("commitment_cost", "commitment_savings")
_USUAL_BLOCK = "commitment_financials"
_MONEY_WORDS = re.compile(
    r"amount|bill|charge|cost|credit|discount|fee|financial|money|premium|price|rebate|refund|saving|spend|total"
)


def _block(row: Any) -> Any:
    """Return the object that holds the parts: the usual one, the line item itself, or any object in it."""
    usual = row.get(_USUAL_BLOCK)
    for block in (usual, row, *row.values()):
        if isinstance(block, dict) and any(part in block for part in _PARTS):
            return block
    return row


def _money(flat_key: str, *path: str) -> columns.Column[Money | None]:
    """Return the column of an amount in a nested object, or else under the key of the flat shape."""

    def read(row: Any, context: InvoiceContext) -> Money | None:
        *parents, key = path
        nested_amount = columns.amount_of(reduce(fields.mapping, parents, _block(row)), key, context)
        return columns.amount_of(row, flat_key, context) if nested_amount is None else nested_amount

    return read


_NESTED_PREMIUM = InlineColumn(
    lambda row: row["commitment_financials"]["commitment_cost"]["breakdown"]["archera_premium"],
    _money("archera_premiums", "commitment_cost", "breakdown", "archera_premium"),
)
PREMIUM: columns.Column[Money | None] = _NESTED_PREMIUM
REBATE = _money("rebates", "commitment_savings", "rebate")
NET_SAVINGS = _money("net_savings", "commitment_savings", "net")
GROSS_SAVINGS = _money("total_savings", "commitment_savings", "gross")


def unread_money(row: Any, context: InvoiceContext) -> list[str]:
    """Return the keys of a line item that seem to hold money, if no amount of it can be read."""
    try:
        if row.get("archera_premiums") is not None or _NESTED_PREMIUM.extract(row) is not None:
            return []  # most rows, without reading an amount
    except SHAPE_ERRORS:
        pass
    try:
        is_known = any(column(row, context) is not None for column in (PREMIUM, REBATE, NET_SAVINGS, GROSS_SAVINGS))
    except Unintelligible:
        return []  # the key is known, and its field reports the error
    if is_known:
        return []
    return list(_money_keys(row, ""))


def _money_keys(payload: Any, prefix: str) -> Iterator[str]:
    """Yield each key with a number whose name, or the name of an object around it, is a word for money."""
    for key, value in payload.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _money_keys(value, f"{path}.")
        elif _MONEY_WORDS.search(path.lower()) and fields.is_number(value):
            yield path
