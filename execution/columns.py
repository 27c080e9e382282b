"""Columns: how the fields of a lazy object are computed from a row, and which of them generated code may copy."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from .lazy import LazyObject

T = TypeVar("T", bound=LazyObject)
VALUE = object()  # in an InlineShape: the field is the extracted text itself
SHAPE_ERRORS = (LookupError, TypeError)  # raised when a row does not have the shape that `extract` expects


@dataclass(frozen=True, slots=True, eq=False)
class ColumnSet(Generic[T]):
    """The columns of a lazy class, by attribute name. The column of an attribute may itself be a ColumnSet."""

    type: type[T]
    columns: Mapping[str, Callable[..., Any]]

    def __call__(self, *arguments: Any) -> T:
        """Create an object without fields. Its column computes a field from `arguments` on first access.

        A field that is set before its first access keeps that value.
        """
        lazy_object = self.type.__new__(self.type)
        lazy_object._columns_and_arguments = self.columns, arguments  # noqa: SLF001 (declared by LazyObject)
        return lazy_object


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn:
    """A text column: the value of one key of the row if it is a non-blank str, else the result of `read`.

    Generated code copies a non-blank str from the row without a call.
    """

    key: str
    read: Callable[[Any, str], Any]

    def __call__(self, row: Any, *_: Any) -> Any:
        return self.read(row, self.key)


@dataclass(frozen=True, slots=True, eq=False)
class ListTextColumn:
    """A text column whose value depends on the texts of all rows under one key, as an id does that must be unique.

    `read` computes it from a row and the context. `read_all` computes it for all rows, from their texts under that key
    and the context. It returns None if it needs the rows.
    """

    source_key: str
    read: Callable[[Any, Any], Any]
    read_all: Callable[[Sequence[str], Any], Sequence[str] | None]

    def __call__(self, row: Any, context: Any) -> Any:
        return self.read(row, context)


@dataclass(frozen=True, slots=True, eq=False)
class InlineColumn:
    """Builds an object from a row and its context with `build`.

    `extract` returns the text from which the object is built, and works for rows of the usual shape only. Generated
    code copies that text into the response without creating the object, if the type has an InlineShape that accepts it.
    An integer instead of the text means its digits.
    """

    extract: Callable[[Any], object]
    build: Callable[[Any, Any], Any]

    def __call__(self, row: Any, context: Any) -> Any:
        return self.build(row, context)

    @property
    def path(self) -> tuple[str, ...] | None:
        """The keys that `extract` follows from the row to the text. None if it does anything else."""
        row = _RecordedPath(())
        try:
            end = self.extract(row)
        except (*SHAPE_ERRORS, AttributeError):
            return None
        return end.keys if isinstance(end, _RecordedPath) else None


@dataclass(frozen=True, slots=True)
class _RecordedPath:
    """Stands in for a row, or a value in it, to find the keys that a function follows."""

    keys: tuple[str, ...]

    def __getitem__(self, key: object) -> "_RecordedPath":
        if not isinstance(key, str):
            raise TypeError
        return _RecordedPath((*self.keys, key))


@dataclass(frozen=True, slots=True, eq=False)
class InlineShape:
    """How an object type is serialized from one text and the context of its row.

    `fields` maps each field to VALUE, or to the attribute of the context that holds it. The shape applies when the
    regular expression `pattern` matches the text and none of those attributes is None. It must match only text of one
    line that is the same in JSON, and must not rely on backtracking.
    """

    fields: Mapping[str, object]
    pattern: str

    @property
    def accepts(self) -> Callable[[str], object]:
        return re.compile(self.pattern).fullmatch

    @property
    def accepts_lines(self) -> Callable[[str], object]:
        """Match texts that each end with a newline."""
        return re.compile(f"(?:{self.pattern}\n)*+").fullmatch


@dataclass(frozen=True, slots=True, eq=False)
class ScalarTraits:
    """Facts about the scalars and value types of a schema that generated code relies on.

    `verbatim`: scalars that serialize a str as itself. `total`: scalars that never fail to serialize this
    class. `inline`: the object types that have an InlineShape.
    """

    verbatim: frozenset[str] = frozenset({"String", "ID"})
    total: Mapping[str, type] = field(default_factory=dict)
    inline: Mapping[type, InlineShape] = field(default_factory=dict)


def no_value(_: Any) -> object:
    """Raise LookupError. Stands in as the extractor of a column that has none."""
    raise LookupError
