"""Cache entries that a response depends on. The response is valid as long as all of them are."""

import math
from typing import NamedTuple, Protocol


class EntryStore(Protocol):
    """A cache with versioned entries."""

    def now(self) -> float:
        """Return the time on the cache's clock."""

    def is_current(self, key: str, version: object) -> bool:
        """Return whether this version of an entry is still cached."""


class Dependency(NamedTuple):
    """One version of one cache entry."""

    cache: EntryStore
    key: str
    version: object
    refresh_at: float  # on the cache's clock


class CacheDependencies:
    """The cache entries that one response depends on."""

    def __init__(self) -> None:
        self._dependencies: list[Dependency] = []
        self._refresh_at = math.inf  # the earliest of the dependencies'
        self.is_cacheable = True

    def add(self, dependency: Dependency | None) -> None:
        """Add an entry. None stands for a value that is not cached, or is stale: the response is not cacheable."""
        if dependency is None:
            self.is_cacheable = False
        else:
            self._dependencies.append(dependency)
            self._refresh_at = min(self._refresh_at, dependency.refresh_at)

    @property
    def is_valid(self) -> bool:
        """Whether every entry is unchanged and not due for a refresh."""
        is_early = not self._dependencies or self._dependencies[0].cache.now() < self._refresh_at
        return is_early and all(cache.is_current(key, version) for cache, key, version, _ in self._dependencies)
