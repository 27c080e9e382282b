"""Cacheable resources of tests, and a clock that tests set."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from providers.account import AccountRef
from providers.cache.memory import ResourceCache
from providers.cache.resource import CachedResource, Fetched
from providers.call import CallContext
from providers.errors import ProviderError

T = TypeVar("T")
ACCOUNT_REF = AccountRef("spectrocloud", "Spectro Cloud Palette", "palette")


class Clock:
    """A clock that shows `now`, which tests set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def _unchanged(value: Any, _: ProviderError) -> Any:
    return value


@dataclass(frozen=True)
class FakeResource(Generic[T]):
    """A `CachedResource` whose parts are given."""

    key: str
    fetch: Callable[[CallContext, float], Awaitable[Fetched[T]]]
    stale_for: float = 0
    as_stale: Callable[[T, ProviderError], T] = _unchanged
    size: int = 0
    account_ref: AccountRef = ACCOUNT_REF

    def size_of(self, _: T) -> int:
        return self.size


class Resource:
    """A resource whose fetch takes `seconds`, then returns its own number or raises `failure`."""

    def __init__(self, seconds: float = 0, fresh_for: float | None = 100, size: int = 0) -> None:
        self.seconds, self.fresh_for, self.size = seconds, fresh_for, size
        self.fetch_count = self.cancelled = 0
        self.failure: BaseException | None = None

    async def fetch(self, _: CallContext, __: float) -> Fetched[str]:
        self.fetch_count += 1
        number = self.fetch_count
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.failure:
            raise self.failure
        return Fetched(f"answer {number}", self.fresh_for)

    def request(self, key: str = "it", deadline: float = 1000, **call: Any) -> tuple[FakeResource[str], CallContext]:
        """Return the resource and its caller's context, as arguments of `get`."""
        return FakeResource(key, self.fetch, 1000, _as_stale, self.size), CallContext(deadline, **call)


async def get(cache: ResourceCache, resource: CachedResource[T], call: CallContext) -> T:
    """Return a resource's value from the cache."""
    (value,) = cache.get_many([resource], call)
    return await value if isinstance(value, asyncio.Future) else value


def _as_stale(value: str, reason: ProviderError) -> str:
    return f"old {value}: {type(reason).__name__}"
