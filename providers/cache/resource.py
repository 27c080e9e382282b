"""Cacheable resources, and what the in-process cache holds of each: an entry, or a flight with its waiters."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

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


class CachedResource(msgspec.Struct, Generic[T], frozen=True):
    """A resource, how to fetch it, and how to cache it."""

    key: str
    account_ref: AccountRef
    # Takes the call, and the maximum age of a shared value as a fraction of its TTL.
    fetch: Callable[[CallContext, float], Awaitable[Fetched[T]]]
    stale_for: float  # seconds after the TTL in which the old value replaces a failure
    as_stale: Callable[[T, ProviderError], T]  # returns the value marked as stale, or raises the failure
    size_of: Callable[[T], int]  # estimates the bytes of memory that a value takes


@dataclass(slots=True)
class Entry:
    """A cached value."""

    value: Any
    read_at: float  # on the cache's clock
    ttl: float  # seconds
    version: object = field(default_factory=object)  # identifies the entry without a reference to its value


@dataclass(slots=True, eq=False)
class Waiter(Generic[T]):
    """A caller that waits for a resource, with its own future and its own call context."""

    resource: CachedResource[T]
    call: CallContext
    max_age_fraction: float
    future: asyncio.Future[T]


class Flight:
    """A single in-flight fetch and its waiters. Cancelling one waiter does not affect the others."""

    task: asyncio.Task[None]

    def __init__(self, *, is_background: bool) -> None:
        self.is_background = is_background  # continues without waiters
        self.waiters: dict[Waiter[Any], None] = {}
