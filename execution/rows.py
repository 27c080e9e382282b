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

from .columns import Makers
from .lazy import Late

T = TypeVar("T", bound=Late)
MOST = 4  # ways to complete it of which what was written is kept
_LONG = 200  # rows, of which perhaps a page is asked for and not all
Rows = tuple[Sequence[Any], Any]  # and the whole
CompleteRows = Callable[[Sequence[Any], Any], list[Any]]


@dataclass(slots=True, eq=False)
class Way:
    """How a list is completed: objects by the first function; rows by what the others give for makers of their kind."""

    objects: Callable[[Sequence[Any]], list[Any]]
    by_kind: Callable[[], Mapping[type, Callable[[Mapping[str, Any]], CompleteRows]]]
    made: dict[Makers[Any], CompleteRows | None] = field(default_factory=dict)
    has_written: bool = False  # a whole list

    def rows(self, makers: Makers[Any]) -> CompleteRows | None:
        """What completes rows, made once for their makers; null where it has to be objects."""
        if makers not in self.made:
            make = self.by_kind().get(makers.kind)
            try:
                self.made[makers] = make and make(makers.by)
            except KeyError:  # an attribute that these do not make
                self.made[makers] = None
        return self.made[makers]


# How the request that is being answered will write lists, as far as that is known. What is read for it is written
# while it is at hand: later its rows would have to be fetched from further down the memory, and held until then.
wanted: ContextVar[Iterable[Way]] = ContextVar("wanted", default=())


class Standing(Sequence[T], Generic[T]):
    """Nobody may change it. It can be held weakly, as other lists cannot."""

    __slots__ = ("__weakref__", "_items", "_length", "_read", "_rows", "_written", "body", "makers")

    def __init__(self, makers: Makers[T], read: Callable[[], Rows], body: bytes | None = None) -> None:
        """`read` is asked now, and, once its rows were let go, again: it gives the same each time."""
        self.makers, self._read = makers, read
        self._rows: Rows | None = read()
        self._length = len(self._rows[0])
        self._items: list[T] | None = None
        self._written: dict[Way, object] = {}
        self.body = body  # that its rows are read from, where they are all that is

    @property
    def digest(self) -> int | None:
        """Of its body; of no use in another process."""
        return None if self.body is None else hash(self.body)

    def write_early(self) -> None:
        """In the ways that are wanted already. Who needs its rows for anything else has them before."""
        for way in wanted.get():
            if self._length <= _LONG and way.rows(self.makers) is not None:
                with suppress(Exception):  # whatever it is, it is found again, and told, where it is asked for
                    self.written(way)

    @property
    def rows(self) -> Sequence[Any]:
        return (self._rows or self._read())[0]

    def written(self, way: Way) -> Any:
        """What is completed of it, as it is written: a fragment, made once for each way to complete it."""
        found = self._written.get(way)
        if found is None:
            if len(self._written) >= MOST:
                self._written.clear()
            found = self._written[way] = _fragment(self._completed(way))
            self._rows, way.has_written = None, True  # usually nobody asks for more of it
        return found

    def _completed(self, way: Way) -> list[Any]:
        complete = way.rows(self.makers) if self._items is None else None
        return way.objects(self) if complete is None else complete(*self._held)

    @property
    def _held(self) -> Rows:
        if self._rows is None:
            self._rows = self._read()
        return self._rows

    @property
    def _objects(self) -> list[T]:
        if self._items is None:
            rows, whole = self._held
            self._items = [self.makers(row, whole) for row in rows]
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
