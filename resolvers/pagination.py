"""Paging arguments and the page that they select from an ordered list."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from execution.columns import ColumnSet
from execution.list_sizes import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from schema.connection import PageArgs, PageInfo

from . import cursor
from .cursor import SortKey
from .errors import BadUserInput

T = TypeVar("T")


class SortOrder(NamedTuple, Generic[T]):
    """The order of a list: its sort key, the types of the key's parts in a cursor, and the direction."""

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
    """The elements of one page, and its position in the list."""

    items: Sequence[T]
    info: PageInfo


class PageWindow(Generic[T]):
    """Checked paging arguments over a list in one order: the two cursors, the page size and the direction."""

    def __init__(self, page_args: PageArgs, order: SortOrder[T]) -> None:
        """Raises BadUserInput if the arguments contradict each other, are out of range, or do not decode."""
        if page_args.first is not None and page_args.last is not None:
            raise BadUserInput("Use either first or last, not both.")
        for name, size in (("first", page_args.first), ("last", page_args.last)):
            if size is not None and not 0 <= size <= MAX_PAGE_SIZE:
                raise BadUserInput(f"{name} must be between 0 and {MAX_PAGE_SIZE}.")
        self.order = order
        # Clients send an empty cursor for the first page.
        self.after = cursor.decode(page_args.after, *order.shape) if page_args.after else None
        self.before = cursor.decode(page_args.before, *order.shape) if page_args.before else None
        self.is_backward = page_args.last is not None or (page_args.first is None and self.before is not None)
        size = page_args.last if self.is_backward else page_args.first
        self.size = DEFAULT_PAGE_SIZE if size is None else size

    def follows_after(self, item: T) -> bool:
        return self.after is None or self.order.precedes(self.after, self.order.key(item))

    def precedes_before(self, item: T) -> bool:
        return self.before is None or self.order.precedes(self.order.key(item), self.before)

    def contains(self, item: T) -> bool:
        """Return True if the element lies between the two cursors."""
        return self.after is self.before is None or (self.follows_after(item) and self.precedes_before(item))

    def page_of(self, items: Iterable[T]) -> Page[T]:
        """Sort the elements and return their page.

        If the list continues beyond the page, `items` must contain at least one element beyond it.
        """
        return self.page_of_sorted(self.order.sorted(items))

    def page_of_sorted(self, items: Sequence[T]) -> Page[T]:
        """Return the page of elements that are already sorted. `items` must satisfy the condition of `page_of`."""
        candidates = items if self.after is self.before is None else [item for item in items if self.contains(item)]
        has_more = len(candidates) > self.size
        page = candidates
        if has_more:
            page = candidates[len(candidates) - self.size :] if self.is_backward else candidates[: self.size]
        has_earlier = self.after is not None and not all(map(self.follows_after, items))
        has_later = self.before is not None and not all(map(self.precedes_before, items))
        info = _PAGE_INFO(self.order, page)
        info.has_previous_page = (self.is_backward and has_more) or has_earlier
        info.has_next_page = (has_more and not self.is_backward) or has_later
        return Page(page, info)


_PAGE_INFO = ColumnSet(
    PageInfo,
    {
        "start_cursor": lambda order, page: order.cursor_of(page[0]) if page else None,
        "end_cursor": lambda order, page: order.cursor_of(page[-1]) if page else None,
    },
)
