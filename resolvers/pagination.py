"""Paging arguments, checked, and the cut that they make in an ordered list."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from execution.columns import ColumnSet
from schema.connection import PageArgs, PageInfo

from . import cursor
from .cursor import SortKey
from .errors import BadUserInput

T = TypeVar("T")
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 20, 200


class SortOrder(NamedTuple, Generic[T]):
    """The order of a list: its sort key, the key's shape in a cursor, and whether the greatest comes first."""

    key: Callable[[T], SortKey]
    shape: tuple[type, ...]
    descending: bool = False

    def cursor_of(self, item: T) -> str:
        return cursor.encode(*self.key(item))

    def sorted(self, items: Iterable[T]) -> list[T]:
        return sorted(items, key=self.key, reverse=self.descending)

    def precedes(self, one: SortKey, other: SortKey) -> bool:
        return one > other if self.descending else one < other


class Page(NamedTuple, Generic[T]):
    """One page and where it stands."""

    items: Sequence[T]
    info: PageInfo


class PageWindow(Generic[T]):
    """A checked slice of a list in one order."""

    def __init__(self, wanted: PageArgs, order: SortOrder[T]) -> None:
        if wanted.first is not None and wanted.last is not None:
            raise BadUserInput("Ask for first or for last, not for both.")
        for name, size in (("first", wanted.first), ("last", wanted.last)):
            if size is not None and not 0 <= size <= MAX_PAGE_SIZE:
                raise BadUserInput(f"{name} has to lie within 0 and {MAX_PAGE_SIZE}.")
        self.order = order
        self.after = None if wanted.after is None else cursor.decode(wanted.after, *order.shape)
        self.before = None if wanted.before is None else cursor.decode(wanted.before, *order.shape)
        self.is_backward = wanted.last is not None or (wanted.first is None and self.before is not None)
        size = wanted.last if self.is_backward else wanted.first
        self.size = DEFAULT_PAGE_SIZE if size is None else size

    def follows_after(self, item: T) -> bool:
        return self.after is None or self.order.precedes(self.after, self.order.key(item))

    def precedes_before(self, item: T) -> bool:
        return self.before is None or self.order.precedes(self.order.key(item), self.before)

    def contains(self, item: T) -> bool:
        """Whether an element lies between the two cursors."""
        return self.after is self.before is None or (self.follows_after(item) and self.precedes_before(item))

    def page_of(self, items: Iterable[T]) -> Page[T]:
        """The page of these elements, which are at least one more than it holds where there are more."""
        return self.page_of_sorted(self.order.sorted(items))

    def page_of_sorted(self, items: Sequence[T]) -> Page[T]:
        """The same of elements that stand in the order."""
        between = items if self.after is self.before is None else [item for item in items if self.contains(item)]
        more = len(between) > self.size
        page = between
        if more:
            page = between[len(between) - self.size :] if self.is_backward else between[: self.size]
        ahead = self.after is not None and not all(map(self.follows_after, items))
        behind = self.before is not None and not all(map(self.precedes_before, items))
        info = _INFO(self.order, page)
        info.has_previous_page = (self.is_backward and more) or ahead
        info.has_next_page = (more and not self.is_backward) or behind
        return Page(page, info)


_INFO = ColumnSet(
    PageInfo,
    {
        "start_cursor": lambda order, page: order.cursor_of(page[0]) if page else None,
        "end_cursor": lambda order, page: order.cursor_of(page[-1]) if page else None,
    },
)
