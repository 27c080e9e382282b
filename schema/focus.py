"""FOCUS: a line item as a record of Invoice Detail 1.4."""

from collections.abc import Iterable
from enum import Enum
from typing import Any, TypeVar

import strawberry

from .focus_columns import INVOICE_DETAIL, Column

C = TypeVar("C", bound=type)


@strawberry.enum(description="How a column came to have no stated value.")
class FocusGapKind(Enum):
    """Whether the record conforms in spite of the gap."""

    MISSING = strawberry.enum_value(
        "MISSING", description="The column must not be null and is: the record does not conform to FOCUS."
    )
    DERIVED = strawberry.enum_value(
        "DERIVED", description="This service derived the value from other facts. The record conforms."
    )


@strawberry.type(description="A column of a FOCUS record without a stated value.")
class FocusGap:
    """One gap of one record."""

    column: str = strawberry.field(description="Name of the column, as FOCUS writes it.")
    kind: FocusGapKind = strawberry.field(description="Whether the value is missing or derived.")
    reason: str = strawberry.field(description="Why the value is not stated, in a sentence.")


def _with_fields(columns: Iterable[Column]) -> Any:
    """Return a decorator that gives a class one nullable GraphQL field for each column, before its own fields."""

    def decorate(cls: C) -> C:
        fields = {column.attribute: column.type.value | None for column in columns}
        cls.__annotations__ = {**fields, **cls.__annotations__}
        for column in columns:
            description = f"{column.description} FOCUS: `{column.name}`. Null if it is not known."
            setattr(cls, column.attribute, strawberry.field(description=description))
        return cls

    return decorate


@strawberry.type(
    description=(
        "A line item as a record of the dataset Invoice Detail of FOCUS 1.4. The record conforms to FOCUS if no gap "
        "is `MISSING`."
    )
)
@_with_fields(INVOICE_DETAIL)
class FocusInvoiceDetail:
    """The columns of INVOICE_DETAIL, each as a field."""

    gaps: list[FocusGap] = strawberry.field(description="Columns without a stated value, in the order of their names.")
