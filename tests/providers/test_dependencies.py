"""A response is valid while the cache has every entry that it depends on and none is due for a refresh."""

import pytest

from execution.lru import ByteBoundedLRU
from providers.dependencies import CacheDependencies, Dependency


class VersionedCache:
    """A cache of versions that counts its look-ups."""

    def __init__(self) -> None:
        self.time, self.lookups = 0.0, 0
        self.versions: ByteBoundedLRU[str, str] = ByteBoundedLRU(1_000)

    @property
    def losses(self) -> int:
        return self.versions.losses

    def now(self) -> float:
        return self.time

    def is_current(self, key: str, version: object) -> bool:
        self.lookups += 1
        return self.versions.peek(key) == version

    def dependencies(self, *keys: str) -> CacheDependencies:
        """Cache the first version of each key, and return dependencies on them."""
        dependencies = CacheDependencies()
        for key in keys:
            self.versions.put(key, "first", 1)
            dependencies.add(Dependency(self, key, "first", refresh_at=10))
        return dependencies


def test_entries_are_looked_up_again_only_after_a_loss() -> None:
    cache = VersionedCache()
    dependencies = cache.dependencies("a", "b")
    assert [dependencies.is_valid for _ in range(3)] == [True] * 3
    assert cache.lookups == 2

    cache.versions.put("c", "new", 1)
    assert (dependencies.is_valid, cache.lookups) == (True, 2)

    cache.versions.put("c", "newer", 1)
    assert (dependencies.is_valid, cache.lookups) == (True, 4)


@pytest.mark.parametrize("second_version", ["second", None])
def test_a_replaced_or_removed_entry_invalidates(second_version: str | None) -> None:
    cache = VersionedCache()
    dependencies = cache.dependencies("a", "b")
    assert dependencies.is_valid
    cache.versions.remove("b")
    if second_version:
        cache.versions.put("b", second_version, 1)

    assert [dependencies.is_valid for _ in range(2)] == [False, False]


def test_an_entry_that_is_due_for_a_refresh_invalidates() -> None:
    cache = VersionedCache()
    dependencies = cache.dependencies("a")
    cache.time = 10

    assert not dependencies.is_valid
