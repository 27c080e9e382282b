"""The resources of an account, by kind: pages of its list, invoices, and line items."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Generic, TypeVar

from providers.account import AccountRef
from providers.call import CallContext
from providers.errors import ProviderError
from providers.observer import CallObserver
from providers.source import DateWindow, InvoiceSource
from providers.ttl import CacheClass

from .memory import Missing, ResourceCache
from .resource import Fetched
from .restatements import RestatementTracker
from .shared import SharedCache
from .size import estimate_size

K = TypeVar("K")
V = TypeVar("V")
MAX_RESOURCES = 240  # resources of each kind that an account reuses
PageKey = tuple[DateWindow, str | None]  # with the provider's cursor


@dataclass(frozen=True, slots=True)
class AccountCaches:
    """The caches of one account. `namespace` is the prefix of its keys."""

    namespace: str
    memory: ResourceCache
    shared: SharedCache | None
    restatements: RestatementTracker
    observer: CallObserver


class AccountResources(ABC, Generic[K, V]):
    """The resources of one kind, by key. Each kind says how a resource is fetched and how it is cached."""

    kind: ClassVar[str]

    def __init__(self, source: InvoiceSource, caches: AccountCaches) -> None:
        self._source, self.caches = source, caches
        self._ttl = source.settings.freshness
        self.account_ref, self.stale_for = source.settings.account_ref, self._ttl.stale_for
        self._resource = lru_cache(MAX_RESOURCES)(self._create_resource)

    def find(self, key: K, call: CallContext) -> V | Missing:
        """Return the fresh value in memory, or MISSING."""
        return self.caches.memory.find(self._resource(key), call)

    def get_many(self, keys: Sequence[K], call: CallContext) -> list[V | asyncio.Future[V]]:
        """Return each fresh value in memory, and a future of each other value. A future may have a ProviderError.

        A value is fetched from the provider once, however many callers wait. Cancel a future to stop waiting.
        """
        return self.caches.memory.get_many([self._resource(key) for key in keys], call)

    async def get(self, key: K, call: CallContext) -> V:
        """Return one value. Raises ProviderError if it cannot be fetched and no stale value replaces it."""
        (value,) = self.get_many([key], call)
        return await value if isinstance(value, asyncio.Future) else value

    def ttl(self, key: K, value: V) -> float | None:
        """Return the seconds for which a value is fresh, or None if it must not be cached."""
        cache_class = self.cache_class(key, value)
        return None if cache_class is None else self._ttl.seconds_for(cache_class)

    def peek(self, key: K) -> V | None:
        """Return the value in memory if it is fresh, or not too stale to replace a failure."""
        value: V | None = self.caches.memory.peek(self._resource(key).key, self.stale_for)
        return value

    def _create_resource(self, key: K) -> "AccountResource[K, V]":
        return AccountResource(self, key)

    def key_text(self, key: K) -> str:
        return str(key)

    @abstractmethod
    def call_source(self, key: K, call: CallContext) -> Awaitable[V]:
        """Read a value from the provider."""

    @abstractmethod
    def cache_class(self, key: K, value: V) -> CacheClass | None:
        """Return the class of a value, or None if it must not be cached."""

    @abstractmethod
    def as_stale(self, value: V, reason: ProviderError) -> V:
        """Return a value marked as stale. Raises the reason if an old value proves nothing."""

    @abstractmethod
    async def on_fetch(self, key: K, value: V, call: CallContext) -> V:
        """Return the value to cache in place of one that was read from a provider."""


class AccountResource(Generic[K, V]):
    """One resource of an account: a `CachedResource`."""

    __slots__ = ("_key", "_resources", "key")

    def __init__(self, resources: AccountResources[K, V], key: K) -> None:
        self._resources, self._key = resources, key
        self.key = f"{resources.caches.namespace} {resources.kind} {resources.key_text(key)}"

    @property
    def account_ref(self) -> AccountRef:
        return self._resources.account_ref

    @property
    def stale_for(self) -> float:
        return self._resources.stale_for

    async def fetch(self, call: CallContext, max_age_fraction: float) -> Fetched[V]:
        resources, shared = self._resources, self._resources.caches.shared
        if shared is None:
            value = await resources.on_fetch(self._key, await self.call_source(call), call)
            return Fetched(value, resources.ttl(self._key, value))
        fetched = await shared.get(self, call, max_age_fraction)
        return Fetched(await resources.on_fetch(self._key, fetched.value, call), fetched.ttl, fetched.age)

    def call_source(self, call: CallContext) -> Awaitable[V]:
        return self._resources.call_source(self._key, call)

    def ttl(self, value: V) -> float | None:
        return self._resources.ttl(self._key, value)

    def as_stale(self, value: V, failure: ProviderError) -> V:
        stale_value = self._resources.as_stale(value, failure)
        self._resources.caches.observer.stale_served(self.account_ref)
        return stale_value

    def size_of(self, value: V) -> int:
        return estimate_size(value)
