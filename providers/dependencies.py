"""Cache entries that a response depends on. The response is valid as long as all of them are."""

import math
from typing import NamedTuple, Protocol


class EntryStore(Protocol):
    """A cache with versioned entries."""

    @property
    def losses(self) -> int:
        """How many entries have been replaced or removed. While it stays the same, every entry is still cached."""

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
    """The entries of one cache that one response depends on."""

    def __init__(self) -> None:
        self._dependencies: list[Dependency] = []
        self._refresh_at = math.inf  # the earliest of the dependencies'
        self._checked_losses = -1  # of the cache, when all entries were last looked up and found
        self.is_cacheable = True

    def add(self, dependency: Dependency | None) -> None:
        """Add an entry. None stands for a value that is not cached, or is stale: the response is not cacheable."""
        if dependency is None:
            self.is_cacheable = False
        else:
            self._dependencies.append(dependency)
            self._checked_losses = -1
            self._refresh_at = min(self._refresh_at, dependency.refresh_at)

    @property
    def is_valid(self) -> bool:
        """Whether every entry is unchanged and not due for a refresh."""
        if not self._dependencies:
            return True
        cache = self._dependencies[0].cache
        if cache.now() >= self._refresh_at:
            return False
        losses = cache.losses
        if losses != self._checked_losses:
            if not all(cache.is_current(dependency.key, dependency.version) for dependency in self._dependencies):
                return False
            self._checked_losses = losses
        return True
