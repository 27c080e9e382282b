"""Columns: how the fields of a lazy object are computed from a row, and which of them generated code may copy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from .lazy import LazyObject

T = TypeVar("T", bound=LazyObject)
VALUE = object()  # in an InlineShape: the field is the extracted text itself
SHAPE_ERRORS = (LookupError, TypeError)  # what extracting from a row of another shape raises


@dataclass(frozen=True, slots=True, eq=False)
class ColumnSet(Generic[T]):
    """What makes the attributes of a class's objects, by their names; an attribute may itself be made by `Makers`."""

    type: type[T]
    columns: Mapping[str, Callable[..., Any]]

    def __call__(self, *of: Any) -> T:
        """An object that has nothing so far: an attribute is what is set, or else what its maker makes `of` these."""
        made = self.type.__new__(self.type)
        made._late = self.columns, of  # noqa: SLF001 (its own)
        return made


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn:
    """Makes a text of what stands in a row under a key: that very text, if it is one and not blank; else `read` says.

    So where rows are completed by code, a usual text is taken without a call.
    """

    key: str
    read: Callable[[Any, str], Any]

    def __call__(self, row: Any, *_: Any) -> Any:
        return self.read(row, self.key)


@dataclass(frozen=True, slots=True, eq=False)
class InlineColumn:
    """Builds an object from a row and its context with `build`.

    `extract` finds the text that the object is made of in a row of the usual shape. Generated code copies that text
    into the response without creating the object, if the type has an InlineShape that accepts it.
    """

    extract: Callable[[Any], object]
    build: Callable[[Any, Any], Any]

    def __call__(self, row: Any, context: Any) -> Any:
        return self.build(row, context)


@dataclass(frozen=True, slots=True, eq=False)
class InlineShape:
    """How an object type is written from one text and the context of its row.

    `fields` maps each field to VALUE, or to the attribute of the context that holds it. The shape applies when
    `accepts` matches the text and none of those attributes is None.
    """

    fields: Mapping[str, object]
    accepts: Callable[[str], object]


@dataclass(frozen=True, slots=True, eq=False)
class ScalarTraits:
    """What generated code may know about the scalars and value types of a schema.

    `verbatim`: scalars that serialise a str as itself. `total`: scalars whose serialisation never fails for that
    class. `inline`: the object types that have an InlineShape.
    """

    verbatim: frozenset[str] = frozenset({"String", "ID"})
    total: Mapping[str, type] = field(default_factory=dict)
    inline: Mapping[type, InlineShape] = field(default_factory=dict)


def no_value(_: Any) -> object:
    """The extractor of a column that has none. Raises LookupError."""
    raise LookupError
