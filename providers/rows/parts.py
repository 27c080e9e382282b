"""Rows of the parts of an invoice: credits, line items, and charges of projects."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

import strawberry

from execution.columns import ColumnSet, ListTextColumn, TextColumn
from providers.ids import encode_parts
from schema.credit import Credit, CreditValue
from schema.filters import ChargeCategory, CreditKind
from schema.line_item import LineItem, LineItemDetails
from schema.project import Project, ProjectCharge, ProjectUsage
from schema.scalars import EXACT
from schema.values import Money, Quantity

from .base import ListContext, ListRow
from .columns import ColumnOf, constant, never
from .details import DeclarationError, columns_of

_NOTHING: dict[str, Any] = dict.fromkeys(("reference", "product", "description", "used", "starts_at", "expires_at"))


class CreditRow(ListRow[Credit], is_base=True):
    """The row of a credit. Its id has its key and a number, which counts the credits with that key.

    The key is by default the reference. A digest replaces a missing one.
    """

    is_stated: ColumnOf[bool] = constant(True)  # whether a row of a line item tells if there is a credit
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
        if cls.key is None and cls.reference is never and not cls.digest:
            raise DeclarationError(cls, "declares neither 'reference' nor 'digest', so its rows have no ids")
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
        key_of, account_ref = cls.key or cls.reference, context.account_ref
        counts: Counter[str] = Counter()
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


class LineItemContext(ListContext):
    """What all line items of one invoice share: the second argument of every line item column."""

    row_class: "type[LineItemRow]"

    def key_of(self, row: Any) -> str:
        """Return the last part of a line item's id."""
        return self.keys[self.index_of(row)]

    @cached_property
    def keys(self) -> list[str]:
        """The key of each row, by index: its reference if no other row has it, else a digest and a number.

        The number counts the rows with the same digest.
        """
        row_class, rows, references = self.row_class, self.rows, self._references()
        repeated = {key for key, count in Counter(references).items() if count > 1}
        digest_counts: dict[str, int] = {}
        keys = []
        for row, key in zip(rows, references, strict=True):
            if key is None or key in repeated:
                digest = row_class.digest_of(row, self)
                digest_counts[digest] = number = digest_counts.get(digest, 0) + 1
                key = f"{digest}-{number}"  # noqa: PLW2901
            keys.append(key)
        return keys

    def _references(self) -> list[str | None]:
        reference = self.row_class.reference
        if reference is never:
            return [None] * len(self.rows)
        if isinstance(reference, TextColumn):  # most lists, with one call less for each row
            return [reference.read(row, reference.key) for row in self.rows]
        return [reference(row, self) for row in self.rows]

    @cached_property
    def ids(self) -> list[str]:
        return self.ids_of(self.keys)

    def ids_of(self, keys: Sequence[str]) -> list[str]:
        prefix = self.account_ref.line_item_id(self.provider_key, "")
        return [prefix + part for part in encode_parts(keys)]

    def id_of(self, row: Any) -> str:
        return self.ids[self.indexes[id(row)]]

    @cached_property
    def credit_ids(self) -> list[str]:
        return self.row_class.credit.ids(self) if self.row_class.credit else []


class LineItemRow(ListRow[LineItem], is_base=True):
    """The row of a line item. It needs a reference, or a digest where the reference is missing or not unique."""

    description: ColumnOf[str | None] = never
    category: ColumnOf[ChargeCategory] = constant(ChargeCategory.USAGE)
    quantity: ColumnOf[Quantity | None] = never
    unit_price: ColumnOf[Money | None] = never
    cost: ColumnOf[Money | None]
    product: ColumnOf[str | None] = never
    product_group: ColumnOf[str | None] = never
    product_line: ColumnOf[str | None] = never
    region: ColumnOf[str | None] = never
    details: type[LineItemDetails]
    credit: type[CreditRow] | None = None  # the credit that the row has, besides the line item
    unread_money: ColumnOf[Sequence[str]] = constant(())  # the keys of amounts that no column can read

    _context_type: ClassVar[type[ListContext]] = LineItemContext

    @classmethod
    def _compile(cls) -> None:
        if cls.reference is never and not cls.digest:
            raise DeclarationError(cls, "declares neither 'reference' nor 'digest', so its rows have no ids")
        texts = cls._named("description", "product", "product_group", "product_line", "region")
        details = columns_of(cls.details, reference=cls.reference)
        columns = {
            **texts,
            **cls._named("category", "quantity", "unit_price", "cost"),
            "id": _id_column(cls.reference),
            "details": details,
            "credit": cls._credit if cls.credit else never,
            "is_credit_stated": cls.credit.is_stated if cls.credit else constant(False),
            "invoice_id": lambda _row, context: context.invoice_id,
            "position": lambda row, context: context.index_of(row),
            "parent": lambda _row, context: context.invoice,
            "payload": lambda row, _context: row,
            "unread_money": cls._named("unread_money")["unread_money"],
        }
        cls._set_columns(ColumnSet(LineItem, columns), details)

    @classmethod
    def _credit(cls, row: Any, context: LineItemContext) -> Credit | None:
        if cls.credit is None or not cls.credit.is_credit(row, context):
            return None
        return cls.credit.create(row, context, context.credit_ids[context.index_of(row)])


def _id_column(reference: ColumnOf[str | None]) -> Any:
    """Return the column of line item ids. It needs no rows if each reference is a text that no other row has."""
    return ListTextColumn(reference.key, _id_of, _ids_of) if isinstance(reference, TextColumn) else _id_of


def _id_of(row: Any, context: LineItemContext) -> str:
    return context.id_of(row)


def _ids_of(references: Sequence[str], context: LineItemContext) -> list[str] | None:
    return None if len(set(references)) < len(references) else context.ids_of(references)


class ProjectChargeRow(ListRow[ProjectCharge], is_base=True):
    """The row of a project's share. Its reference is the id of the project."""

    name: ColumnOf[str | None] = never
    cost: ColumnOf[Money | None]
    usage: ColumnOf[list[ProjectUsage] | None] = never

    @classmethod
    def _compile(cls) -> None:
        columns = {
            **cls._named("name", "cost", "usage"),
            "project": cls._project,
            "invoice": lambda _row, context: context.invoice,
            "index": lambda row, context: context.index_of(row),
        }
        cls._set_columns(ColumnSet(ProjectCharge, columns))

    @classmethod
    def _project(cls, row: Any, context: ListContext) -> Project | None:
        key, account_ref = cls.reference(row, context), context.account_ref
        if key is None:
            return None
        project_id = strawberry.ID(account_ref.project_id(key))
        return Project(id=project_id, name=cls.name(row, context), account_id=account_ref.id)
