"""Connections, edges and page information, after the Relay cursor connections specification."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Generic, NamedTuple, TypeVar

import strawberry

from execution.lazy import Late, late

from .cost import MAY_ASK
from .values import given

T = TypeVar("T")

First = Annotated[
    int | None,
    strawberry.argument(
        description="How many at most, from the start: 0 to 200, 20 when neither first nor last is given."
    ),
]
After = Annotated[str | None, strawberry.argument(description="Only what follows this cursor.")]
Last = Annotated[
    int | None,
    strawberry.argument(description="How many at most, from the end: 0 to 200. Not together with first."),
]
Before = Annotated[str | None, strawberry.argument(description="Only what precedes this cursor.")]


class Slice(NamedTuple):
    """The paging arguments of one field, as the caller gave them; unchecked."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    @classmethod
    def of(
        cls, first: int | None = None, after: str | None = None, last: int | None = None, before: str | None = None
    ) -> "Slice":
        """From a field's arguments, where one that is not given is not one that is null or empty."""
        return cls(given(first), given(after), given(last), given(before))


@late
@strawberry.federation.type(shareable=True, description="Where a page stands in its list.")
class PageInfo(Late):
    """Relay's page information."""

    has_next_page: bool = strawberry.field(description="True when more follows the page.")
    has_previous_page: bool = strawberry.field(description="True when something precedes the page.")
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first edge. Null when the page is empty."
    )
    end_cursor: str | None = strawberry.field(description="The cursor of the last edge. Null when the page is empty.")


@strawberry.type(description="One element of a page and its place in the list.")
class Edge(Generic[T]):
    """Relay's edge."""

    cursor: str = strawberry.field(
        description="The element's place: give it back as after or before, under any filter."
    )
    node: T = strawberry.field(description="The element.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """A page; its edges and its count are made only when selected."""

    nodes: Sequence[T] = strawberry.field(description="The page's elements, for clients that need no cursors.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")
    cursor_of: strawberry.Private[Callable[[T], str]]
    count: strawberry.Private[Callable[[], Awaitable[int | None] | int]]

    @strawberry.field(description="The page's elements, each with its cursor.")
    def edges(self) -> list[Edge[T]]:
        return [Edge(cursor=self.cursor_of(node), node=node) for node in self.nodes]

    @strawberry.field(
        directives=MAY_ASK,
        description=(
            "How many elements match in all, whatever the cursor; may cost further calls. "
            "Null when it cannot be known because an account could not be read in full."
        ),
    )
    def total_count(self) -> int | None:
        return self.count()  # type: ignore[return-value] # where it has to be found out, the executor waits for it
