"""What the in-process cache needs to know of a resource, and what it holds of it."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from providers.account import AccountRef
from providers.call import CallContext
from providers.errors import ProviderError

T = TypeVar("T")


class Fetched(msgspec.Struct, Generic[T], frozen=True):
    """A fetched value with its TTL and its age."""

    value: T
    ttl: float | None  # seconds; None: the value must not be cached
    age: float = 0.0  # seconds since the provider sent it; more than 0 if another instance fetched it


class CachedResource(Protocol[T]):
    """A resource: how to fetch it, and how to cache it."""

    @property
    def key(self) -> str:
        """The key of the cache entry."""

    @property
    def account_ref(self) -> AccountRef:
        """The account, for errors."""

    @property
    def stale_for(self) -> float:
        """Seconds after the TTL in which the old value replaces a failure."""

    def fetch(self, call: CallContext, max_age_fraction: float, /) -> Awaitable[Fetched[T]]:
        """Fetch the value. `max_age_fraction`: the maximum age of a shared value as a fraction of its TTL."""

    def as_stale(self, value: T, failure: ProviderError, /) -> T:
        """Return the value marked as stale. Raises the failure if an old value proves nothing."""

    def size_of(self, value: T, /) -> int:
        """Return about how many bytes of memory a value takes."""


def stale_or_raise(resource: CachedResource[T], value: T, age: float, ttl: float, failure: Exception) -> T:
    """Return a value that replaces a failure. Raises the failure if the value is too old, or the failure is a bug."""
    if not isinstance(failure, ProviderError) or age >= ttl + resource.stale_for:
        raise failure
    return resource.as_stale(value, failure)


@dataclass(slots=True)
class Entry:
    """A cached value."""

    value: Any
    read_at: float  # on the cache's clock
    ttl: float  # seconds
    version: object = field(default_factory=object)  # identifies the entry without a reference to its value
