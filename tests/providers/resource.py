"""A cacheable resource that counts its fetches, and a clock that tests set."""

import asyncio
from typing import Any

from providers.account import AccountRef
from providers.cache.resource import CachedResource, Fetched
from providers.call import CallContext
from providers.errors import ProviderError

ACCOUNT_REF = AccountRef("spectrocloud", "Spectro Cloud Palette", "palette")


class Clock:
    """A clock that shows `now`, which tests set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


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

    def request(self, key: str = "it", deadline: float = 1000, **call: Any) -> tuple[CachedResource[str], CallContext]:
        """Return the resource and its caller's context, as arguments of ResourceCache.get."""
        resource = CachedResource(key, ACCOUNT_REF, self.fetch, 1000, _as_stale, size_of=lambda _: self.size)
        return resource, CallContext(deadline, **call)


def _as_stale(value: str, reason: ProviderError) -> str:
    return f"old {value}: {type(reason).__name__}"
