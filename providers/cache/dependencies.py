"""The cache entries that a response was made of: it is valid for as long as all of them are."""

import math
from contextvars import ContextVar
from typing import NamedTuple, Protocol

REFRESH_AHEAD_FRACTION = (
    0.9  # of its freshness, after which an answer that is still wanted is read again in the background
)


class EntryStore(Protocol):
    """The cache that holds the entries."""

    def now(self) -> float:
        """The time on the cache's clock."""

    def is_current(self, key: str, mark: object) -> bool:
        """Whether the entry is still cached, and was not replaced."""


class Dependency(NamedTuple):
    """One version of one entry."""

    cache: EntryStore
    key: str
    version: object
    refresh_at: float  # on the cache's clock


class CacheDependencies:
    """The cache entries that one response was made of."""

    def __init__(self) -> None:
        self._dependencies: list[Dependency] = []
        self._refresh_at = math.inf  # the earliest of them
        self.is_cacheable = True

    def add(self, dependency: Dependency | None) -> None:
        """Adds an entry; None stands for a value that was not cached, or is stale."""
        if dependency is None:
            self.is_cacheable = False
        else:
            self._dependencies.append(dependency)
            self._refresh_at = min(self._refresh_at, dependency.refresh_at)

    @property
    def is_valid(self) -> bool:
        """Whether every entry is unchanged, and not due for a refresh."""
        is_early = not self._dependencies or self._dependencies[0].cache.now() < self._refresh_at
        return is_early and all(entries.is_current(key, mark) for entries, key, mark, _ in self._dependencies)


# What the request that is being answered is given; none where nobody wants to know.
dependencies: ContextVar[CacheDependencies | None] = ContextVar("uses", default=None)
