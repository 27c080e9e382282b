"""Rows of credits, in a list of their own or among the line items."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

import strawberry

from execution.columns import ColumnSet
from schema.credit import Credit, CreditValue
from schema.filters import CreditKind
from schema.scalars import EXACT

from .base import ListContext, ListRow
from .columns import ColumnOf, constant, never

_NOTHING: dict[str, Any] = dict.fromkeys(("reference", "product", "description", "used", "starts_at", "expires_at"))


class CreditRow(ListRow[Credit], is_base=True):
    """The row of a credit. Its id has its key and a number, which counts the credits with that key.

    The key is by default the reference. A digest replaces a missing one.
    """

    is_credit: ColumnOf[bool] = constant(True)  # whether there is a credit, for rows of line items
    key: ColumnOf[str | None] | None = None
    kind: ColumnOf[CreditKind]
    product: ColumnOf[str | None] = never
    description: ColumnOf[str | None] = never
    value: ColumnOf[CreditValue | None]
    used: ColumnOf[CreditValue | None] = never
    starts_at: ColumnOf[datetime | None] = never
    expires_at: ColumnOf[datetime | None] = never

    _stated: ClassVar[list[tuple[str, ColumnOf[Any]]]]

    @classmethod
    def _compile(cls) -> None:
        names = ("kind", "reference", "product", "description", "value", "used", "starts_at", "expires_at")
        cls._set_columns(ColumnSet(Credit, cls._named(*names)))
        cls._stated = [(name, column) for name, column in cls.columns.columns.items() if column is not never]

    @classmethod
    def read(cls, context: ListContext) -> list[Credit]:
        return [cls.create(row, context, id) for row, id in zip(context.rows, cls.ids(context), strict=True)]

    @classmethod
    def create(cls, row: Any, context: ListContext, credit_id: str) -> Credit:
        """Return the credit of a row. What remains of it is computed from its value and what is used of it."""
        stated = _NOTHING | {name: column(row, context) for name, column in cls._stated}
        return Credit(
            id=strawberry.ID(credit_id),
            account_id=context.account_ref.id,
            invoice_id=context.invoice_id,
            parent=context.invoice,
            remaining=subtract_used(stated["value"], stated["used"]),
            **stated,
        )

    @classmethod
    def ids(cls, context: ListContext) -> list[str]:
        """Return the id of each row's credit. It is empty if the row has none."""
        key_of, counts, account_ref = cls.key or cls.reference, Counter[str](), context.account_ref
        credit_ids = []
        for row in context.rows:
            key = (key_of(row, context) or cls.digest_of(row, context)) if cls.is_credit(row, context) else ""
            counts[key] += 1
            credit_ids.append(key and account_ref.credit_id(context.provider_key, key, counts[key]))
        return credit_ids


def subtract_used(value: CreditValue | None, used: CreditValue | None) -> CreditValue | None:
    """Return what remains of a credit, without rounding. Returns None unless both are known and in the same unit."""
    if value is None or used is None:
        return None
    if replace(used, amount=value.amount) != value:  # another type, currency or unit
        return None
    return replace(value, amount=EXACT.subtract(value.amount, used.amount))
