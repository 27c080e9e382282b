"""The resources of a source that is open already, with a cache of their own or without one."""

from typing import Any

from providers.cache.memory import ResourceCache
from providers.cache.source import CachedSource


def cached(source: Any, cache: ResourceCache | None = None) -> CachedSource:
    """Return the resources of a source, cached in `cache` or in a new one."""
    return CachedSource(source.settings, lambda: source, cache or ResourceCache())


def uncached(source: Any) -> CachedSource:
    """Return the resources of a source, none of which is cached."""
    return cached(source, ResourceCache(max_bytes=0))
