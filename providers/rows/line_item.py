"""Rows of line items."""

from collections import Counter
from functools import cached_property
from typing import Any, ClassVar

from execution.columns import ColumnSet
from providers.ids import encode_parts
from schema.credit import Credit
from schema.filters import ChargeCategory
from schema.line_item import LineItem, LineItemDetails
from schema.values import Money, Quantity

from .base import ListContext, ListRow
from .columns import ColumnOf, constant, never
from .credit import CreditRow
from .details import DeclarationError, columns_of


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
        row_class, rows = self.row_class, self.rows
        references = [row_class.reference(row, self) for row in rows]
        reference_counts, digest_counts = Counter(references), Counter[str]()
        keys = []
        for row, key in zip(rows, references, strict=True):
            if key is None or reference_counts[key] > 1:
                digest = row_class.digest_of(row, self)
                digest_counts[digest] += 1
                key = f"{digest}-{digest_counts[digest]}"  # noqa: PLW2901
            keys.append(key)
        return keys

    @cached_property
    def ids(self) -> list[str]:
        prefix = self.account_ref.line_item_id(self.provider_key, "")
        return [prefix + part for part in encode_parts(self.keys)]

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
            "id": lambda row, context: context.ids[context.indexes[id(row)]],
            "details": details,
            "credit": cls._credit if cls.credit else never,
            "invoice_id": lambda _row, context: context.invoice_id,
            "parent": lambda _row, context: context.invoice,
            "payload": lambda row, _context: row,
        }
        cls._set_columns(ColumnSet(LineItem, columns), details)

    @classmethod
    def _credit(cls, row: Any, context: LineItemContext) -> Credit | None:
        if cls.credit is None or not cls.credit.is_credit(row, context):
            return None
        return cls.credit.create(row, context, context.credit_ids[context.index_of(row)])
