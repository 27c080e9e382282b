"""GraphQL types of the facts that only one provider states, with the column of each fact."""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

import strawberry

from execution.columns import ColumnSet
from execution.lazy import lazy_fields

from .columns import ColumnOf

C = TypeVar("C", bound=type)
V = TypeVar("V")
_COLUMN = "column"  # in the metadata of a field


class DeclarationError(TypeError):
    """A row class or a details type is declared wrongly. The message names it."""

    def __init__(self, declared: type, problem: str) -> None:
        super().__init__(f"{declared.__module__}.{declared.__qualname__} {problem}")


def fact(column: ColumnOf[V], description: str) -> V:
    """Declare a field of a details type. Objects of the type get its value from the column."""
    field: V = strawberry.field(description=description, metadata={_COLUMN: column})
    return field


@dataclass_transform(kw_only_default=True, field_specifiers=(fact,))
def details_type(description: str) -> Callable[[C], C]:
    """Make a subclass of `LazyObject` a GraphQL type whose fields are declared by `fact`.

    `InvoiceDetails` and `LineItemDetails` are such subclasses.
    """

    def decorate(cls: C) -> C:
        return lazy_fields(strawberry.type(cls, description=description))

    return decorate


def columns_of(details: type, **columns: ColumnOf[Any]) -> ColumnSet[Any]:
    """Return the columns of a type whose fields are declared by `fact`. `columns` are those of its other fields.

    Raises DeclarationError if a field has no column.
    """
    by_name: dict[str, Any] = {field.name: field.metadata.get(_COLUMN) for field in dataclasses.fields(details)}
    by_name |= columns
    for name, column in by_name.items():
        if not callable(column):
            raise DeclarationError(details, f"declares {name!r} without a column; declare it by `fact`")
    return ColumnSet(details, by_name)
