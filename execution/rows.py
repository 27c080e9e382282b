"""A list that many requests are given, and that does not change: what was written of it serves all of them.

It is made of rows, each of which is the object of two things: the row, and the whole that all of them are part of.
No object is made, and no row is held, for the sake of what is written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, overload

import orjson

from .columns import ColumnSet
from .lazy import LazyObject

T = TypeVar("T", bound=LazyObject)
MAX_CACHED_SERIALIZATIONS = 4  # ways to complete it of which what was written is kept
MAX_EAGER_ROWS = 200  # rows, of which perhaps a page is asked for and not all
RowsAndContext = tuple[Sequence[Any], Any]  # and the whole
SerializeRows = Callable[[Sequence[Any], Any], list[Any]]


@dataclass(slots=True, eq=False)
class ListSerializer:
    """How a list is completed: objects by the first function; rows by what the others give for makers of their kind."""

    serialize_objects: Callable[[Sequence[Any]], list[Any]]
    row_serializers: Callable[[], Mapping[type, Callable[[Mapping[str, Any]], SerializeRows]]]
    compiled: dict[ColumnSet[Any], SerializeRows | None] = field(default_factory=dict)
    was_used: bool = False  # a whole list

    def serializer_for(self, makers: ColumnSet[Any]) -> SerializeRows | None:
        """What completes rows, made once for their makers; null where it has to be objects."""
        if makers not in self.compiled:
            make = self.row_serializers().get(makers.type)
            try:
                self.compiled[makers] = make and make(makers.columns)
            except KeyError:  # an attribute that these do not make
                self.compiled[makers] = None
        return self.compiled[makers]


# How the request that is being answered will write lists, as far as that is known. What is read for it is written
# while it is at hand: later its rows would have to be fetched from further down the memory, and held until then.
expected_serializers: ContextVar[Iterable[ListSerializer]] = ContextVar("wanted", default=())


class RowList(Sequence[T], Generic[T]):
    """Nobody may change it. It can be held weakly, as other lists cannot."""

    __slots__ = ("__weakref__", "_items", "_length", "_read", "_rows", "_serialized", "body", "columns")

    def __init__(self, makers: ColumnSet[T], read: Callable[[], RowsAndContext], body: bytes | None = None) -> None:
        """`read` is asked now, and, once its rows were let go, again: it gives the same each time."""
        self.columns, self._read = makers, read
        self._rows: RowsAndContext | None = read()
        self._length = len(self._rows[0])
        self._items: list[T] | None = None
        self._serialized: dict[ListSerializer, object] = {}
        self.body = body  # that its rows are read from, where they are all that is

    @property
    def digest(self) -> int | None:
        """Of its body; of no use in another process."""
        return None if self.body is None else hash(self.body)

    def serialize_eagerly(self) -> None:
        """In the ways that are wanted already. Who needs its rows for anything else has them before."""
        for way in expected_serializers.get():
            if self._length <= MAX_EAGER_ROWS and way.serializer_for(self.columns) is not None:
                with suppress(Exception):  # whatever it is, it is found again, and told, where it is asked for
                    self.to_json(way)

    @property
    def rows(self) -> Sequence[Any]:
        return (self._rows or self._read())[0]

    def to_json(self, way: ListSerializer) -> Any:
        """What is completed of it, as it is written: a fragment, made once for each way to complete it."""
        found = self._serialized.get(way)
        if found is None:
            if len(self._serialized) >= MAX_CACHED_SERIALIZATIONS:
                self._serialized.clear()
            found = self._serialized[way] = _fragment(self._serialize(way))
            self._rows, way.was_used = None, True  # usually nobody asks for more of it
        return found

    def _serialize(self, way: ListSerializer) -> list[Any]:
        complete = way.serializer_for(self.columns) if self._items is None else None
        return way.serialize_objects(self) if complete is None else complete(*self._rows_and_context)

    @property
    def _rows_and_context(self) -> RowsAndContext:
        if self._rows is None:
            self._rows = self._read()
        return self._rows

    @property
    def _objects(self) -> list[T]:
        if self._items is None:
            rows, whole = self._rows_and_context
            self._items = [self.columns(row, whole) for row in rows]
        return self._items

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        return iter(self._objects)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        return self._objects[place]


def _fragment(completed: object) -> object:
    try:
        return orjson.Fragment(orjson.dumps(completed))
    except orjson.JSONEncodeError:  # a lone surrogate, or deep nesting, in a provider's raw object
        return completed
