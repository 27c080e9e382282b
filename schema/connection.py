"""Connections, edges and page information, as the Relay cursor connections specification defines them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Generic, NamedTuple, TypeVar

import strawberry

from execution.lazy import LazyObject, lazy_fields

from .cost import EXPENSIVE
from .values import unset_to_none

T = TypeVar("T")

First = Annotated[
    int | None,
    strawberry.argument(
        description=(
            "Maximum number of elements from the start, 0 to 200. The page size is 20 if neither `first` nor "
            "`last` is given."
        )
    ),
]
After = Annotated[str | None, strawberry.argument(description="Only elements after this cursor.")]
Last = Annotated[
    int | None,
    strawberry.argument(
        description="Maximum number of elements from the end, 0 to 200. Cannot be combined with `first`."
    ),
]
Before = Annotated[
    str | None,
    strawberry.argument(
        description=(
            "Only elements before this cursor. Without `first`, the page is counted backwards from this cursor."
        )
    ),
]


class PageArgs(NamedTuple):
    """The paging arguments of one field, as the caller sent them. They are not checked yet."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    @classmethod
    def of(
        cls, first: int | None = None, after: str | None = None, last: int | None = None, before: str | None = None
    ) -> "PageArgs":
        """Build it from a field's arguments. UNSET becomes None; an empty string stays an empty string."""
        return cls(unset_to_none(first), unset_to_none(after), unset_to_none(last), unset_to_none(before))


@lazy_fields
@strawberry.federation.type(shareable=True, description="Position of a page in its list.")
class PageInfo(LazyObject):
    """Relay's page information. Its cursors are computed only if selected."""

    has_next_page: bool = strawberry.field(description="True if more elements follow the page.")
    has_previous_page: bool = strawberry.field(description="True if elements precede the page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first edge. Null if the page is empty.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last edge. Null if the page is empty.")


@strawberry.type(description="An element of a page and its position in the list.")
class Edge(Generic[T]):
    """Relay's edge."""

    cursor: str = strawberry.field(
        description="Position of the element. Pass it as `after` or `before`, with any filter."
    )
    node: T = strawberry.field(description="The element.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A page. Its edges and its count are computed only if selected."""

    nodes: Sequence[T] = strawberry.field(description="Elements of the page, for clients that need no cursors.")
    page_info: PageInfo = strawberry.field(description="Position of the page in the list.")
    cursor_of: strawberry.Private[Callable[[T], str]]
    count: strawberry.Private[Callable[[], Awaitable[int | None] | int | None]]

    @strawberry.field(description="Elements of the page, each with its cursor.")
    def edges(self) -> list[Edge[T]]:
        return [Edge(cursor=self.cursor_of(node), node=node) for node in self.nodes]

    @strawberry.field(
        directives=EXPENSIVE,
        description=(
            "Total number of matching elements, independent of the cursor. May require further provider "
            "calls. Null if the total is unknown because an account could not be read in full."
        ),
    )
    def total_count(self) -> int | None:
        return self.count()  # type: ignore[return-value] # the executor awaits an awaitable
