"""Sources without a cache."""

from typing import Any

from providers.cache.memory import ResourceCache
from providers.cache.source import CachedSource


def uncached(source: Any) -> CachedSource:
    """Return the resources of a source, none of which is cached."""
    return CachedSource(source, ResourceCache(max_bytes=0))
