"""Immutable lists of lazy objects over provider rows, whose JSON is serialized once and shared by requests.

Each object is computed from its row and the context that all rows of the list share. Serialization usually creates no
objects, and the list drops its rows afterwards. No reference cycle may arise here; lazy.py explains why.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, overload

import msgspec
import orjson

from .body_serializer import BodySerializer, ObjectShapes, UnusualRows, body_serializer
from .columns import ColumnSet
from .lazy import LazyObject

T = TypeVar("T", bound=LazyObject)
MAX_CACHED_SERIALIZATIONS = 4  # JSON fragments kept per list, one for each serializer
MAX_EAGER_ROWS = 200  # rows; of a longer list a request may need one page only
RowsAndContext = tuple[Sequence[Any], Any]  # the rows, and the context that they share
SerializeRows = Callable[[Sequence[Any], Any], list[Any]]  # rows and their context to JSON-ready values


@dataclass(slots=True, eq=False)
class ListSerializer:
    """How one selection serializes a list.

    `serialize_objects` takes objects. `row_serializers` returns, for each class of objects, a function from the
    columns of that class to a function that takes rows. `shapes` are those of the classes whose objects may be
    serialized straight from a body.
    """

    serialize_objects: Callable[[Sequence[Any]], list[Any]]
    row_serializers: Callable[[], Mapping[type, Callable[[Mapping[str, Any]], SerializeRows]]]
    shapes: ObjectShapes = field(default_factory=dict)
    compiled: dict[ColumnSet[Any], SerializeRows | None] = field(default_factory=dict)
    body_serializers: dict[ColumnSet[Any], BodySerializer | None] = field(default_factory=dict)
    was_used: bool = False  # it has serialized a whole list at least once
    lists_from_bodies: int = 0  # lists that were serialized without rows

    def serializer_for(self, columns: ColumnSet[Any]) -> SerializeRows | None:
        """Return the function for rows with these columns, compiled once. None if the list needs objects."""
        if columns not in self.compiled:
            compile_for = self.row_serializers().get(columns.type)
            try:
                self.compiled[columns] = compile_for and compile_for(columns.columns)
            except KeyError:  # the selection has an attribute without a column
                self.compiled[columns] = None
        return self.compiled[columns]

    def body_serializer_for(self, columns: ColumnSet[Any]) -> BodySerializer | None:
        """Return the serializer of bodies whose rows have these columns. None if such a list needs rows."""
        if columns not in self.body_serializers:
            shape = self.shapes.get(columns.type)
            self.body_serializers[columns] = None if shape is None else body_serializer(shape, columns)
        return self.body_serializers[columns]


class SerializedList(msgspec.Struct, frozen=True):
    """A list of `length` rows that was serialized from its body.

    `sibling_objects` is a number of JSON objects that the body has in other rows, as seen from any of its values.
    """

    fragments: Mapping[ListSerializer, object]
    length: int
    sibling_objects: int


def serialize_body(
    body: bytes, columns: ColumnSet[Any], context: object, serializers: Iterable[ListSerializer]
) -> SerializedList | None:
    """Serialize a body whose rows have these columns, with each serializer that a request will need for them.

    Returns None if there is no such serializer, or if one of them needs rows. Does not validate values that no
    serializer selects, except that the body has the syntax of JSON.
    """
    fragments: dict[ListSerializer, object] = {}
    length = sibling_objects = 0
    for serializer in serializers:
        if serializer.serializer_for(columns) is None:
            continue
        serialize = serializer.body_serializer_for(columns)
        if serialize is None:
            return None
        try:  # msgspec does not check the encoding of what it skips, but `decode` does
            length, json = serialize(body.decode(), context, MAX_EAGER_ROWS)
        except (UnusualRows, UnicodeDecodeError):
            return None
        sibling_objects = serialize.objects_per_row * (length - 1)
        fragments[serializer] = orjson.Fragment(json)
    return SerializedList(fragments, length, sibling_objects) if fragments else None


class RowList(Sequence[T], Generic[T]):
    """An immutable list of lazy objects over rows. It supports weak references, which a plain list does not."""

    __slots__ = ("__weakref__", "_items", "_length", "_read", "_rows", "_serialized", "body", "columns")

    def __init__(
        self,
        columns: ColumnSet[T],
        read: Callable[[], RowsAndContext],
        body: bytes | None = None,
        serialized: SerializedList | None = None,
    ) -> None:
        """Create a list from the rows that `read` returns.

        `read` is called now, and again if rows are needed after they are dropped. It must return equal rows each time.
        `body` is the response body that `read` decodes, if the rows depend on nothing else. If it is `serialized`
        already, `read` is called only when rows are needed.
        """
        self.columns, self._read = columns, read
        self._rows: RowsAndContext | None = None if serialized else read()
        self._length = serialized.length if serialized else len(self._rows_and_context[0])
        self._items: list[T] | None = None
        self._serialized: dict[ListSerializer, object] = {**serialized.fragments} if serialized else {}
        self.body = body
        for serializer in self._serialized:
            serializer.lists_from_bodies += 1

    @property
    def digest(self) -> int | None:
        """A hash of the body, valid in this process only. None if the list has no body."""
        return None if self.body is None else hash(self.body)

    def serialize_eagerly(self, serializers: Iterable[ListSerializer]) -> None:
        """Serialize with the serializers that a request will need. Call it last: it drops the rows.

        Right after loading, the rows are in the CPU's caches. Later they would come from slower memory, and be held
        until then.
        """
        for serializer in serializers if self._length <= MAX_EAGER_ROWS else ():
            if serializer not in self._serialized and serializer.serializer_for(self.columns) is not None:
                with suppress(Exception):  # the request that selects the list meets the same error and reports it
                    self.to_json(serializer)

    @property
    def rows(self) -> Sequence[Any]:
        return (self._rows or self._read())[0]

    def to_json(self, serializer: ListSerializer) -> Any:
        """Return the list as an orjson.Fragment, or as JSON-ready values if orjson cannot dump them.

        The result is cached per serializer. The rows are dropped, because usually nothing else of the list is needed.
        """
        fragment = self._serialized.get(serializer)
        if fragment is None:
            if len(self._serialized) >= MAX_CACHED_SERIALIZATIONS:
                self._serialized.clear()
            fragment = self._serialized[serializer] = _to_fragment(self._serialize(serializer))
            self._rows, serializer.was_used = None, True
        return fragment

    def _serialize(self, serializer: ListSerializer) -> list[Any]:
        serialize_rows = serializer.serializer_for(self.columns) if self._items is None else None
        if serialize_rows is None:
            return serializer.serialize_objects(self)
        return serialize_rows(*self._rows_and_context)

    def scan(self) -> Iterator[T]:
        """Yield an object of each row. The list keeps neither the objects nor the rows, if it has dropped them."""
        rows, context = self._rows or self._read()
        return (self.columns(row, context) for row in rows)

    @property
    def _rows_and_context(self) -> RowsAndContext:
        if self._rows is None:
            self._rows = self._read()
        return self._rows

    @property
    def _objects(self) -> list[T]:
        if self._items is None:
            self._items = list(self._create())
        return self._items

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        """Create each object when it is its turn, so that a long list can be read with pauses."""
        return self._create() if self._items is None else iter(self._items)

    def _create(self) -> Iterator[T]:
        """Yield new objects. They are kept when the last one has been yielded."""
        rows, context = self._rows_and_context
        items = []
        for row in rows:
            items.append(self.columns(row, context))
            yield items[-1]
        self._items = self._items or items

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        return self._objects[index]


def _to_fragment(values: object) -> object:
    try:
        return orjson.Fragment(orjson.dumps(values))
    except orjson.JSONEncodeError:  # a lone surrogate, or deep nesting, in a provider's raw object
        return values
