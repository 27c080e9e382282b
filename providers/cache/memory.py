"""In-process cache of provider resources, with single flight, refresh-ahead and stale-if-error."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from enum import Enum
from typing import Any, Final, Generic, TypeVar

import msgspec

from execution.lru import ByteBoundedLRU
from providers.call import CallContext
from providers.deadline import loop_time
from providers.dependencies import Dependency
from providers.errors import ProviderError, TimedOut
from providers.observer import CacheCounts
from providers.transport.timers import SharedTimers

from .resource import CachedResource, Entry, Fetched, stale_or_raise
from .single_flight import SingleFlight

T = TypeVar("T")
MAX_BYTES = 256 * 1024 * 1024
# Of the TTL: an entry that is requested after this part of it is fetched again in the background.
REFRESH_AHEAD_FRACTION = 0.9
ENTRY_OVERHEAD = 400  # bytes that an entry takes besides its key and its value, estimated
DEADLINE_GRACE = 0.05  # extra seconds after a waiter's deadline in which a fetch may report its own timeout


class Missing(Enum):
    """The type of MISSING, which stands for a value that is not cached. None is a value."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


class Waiter(msgspec.Struct, Generic[T], eq=False):
    """A caller that waits for a resource, with its own future and its own call context.

    A fetch that starts for this caller runs in `context`: its log lines have the id of the caller's request.
    """

    resource: CachedResource[T]
    call: CallContext
    future: asyncio.Future[T]
    context: Context


class ResourceCache:
    """Least-recently-used cache, bounded in bytes.

    Each resource is fetched once per TTL. After that, a stale value can replace a failure for `stale_for` seconds.
    Concurrent requests for a resource share one fetch. It is cancelled when its last waiter is.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self.counts = clock, CacheCounts()
        self._entries: ByteBoundedLRU[str, Entry] = ByteBoundedLRU(max_bytes)
        self._flights: SingleFlight[Waiter[Any], Fetched[Any]] = SingleFlight(self._settle)
        self._waiters: dict[asyncio.Future[Any], Waiter[Any]] = {}
        self._timers = SharedTimers(self._expire)

    @property
    def bytes(self) -> int:
        """The estimated size of all entries."""
        return self._entries.size

    @property
    def losses(self) -> int:
        """How many entries have been replaced or evicted."""
        return self._entries.losses

    def find(self, resource: CachedResource[T], call: CallContext) -> T | Missing:
        """Return the fresh value of a resource, or MISSING. Starts a refresh if the value expires soon."""
        entry = None if call.bypass_cache else self._entries.get(resource.key)
        if entry is None:
            return MISSING
        age = self._clock() - entry.read_at
        if age >= entry.ttl:
            return MISSING
        if age > REFRESH_AHEAD_FRACTION * entry.ttl:
            self._flights.fetch_in_background(
                resource.key, lambda: self._fetch(resource, CallContext(), REFRESH_AHEAD_FRACTION)
            )
        if call.dependencies is not None:
            call.dependencies.add(self._dependency(resource.key, entry.value))
        self.counts.hits += 1
        return entry.value  # type: ignore[no-any-return]

    def get_many(self, resources: Sequence[CachedResource[T]], call: CallContext) -> list[T | asyncio.Future[T]]:
        """Return each fresh value, and a future of each other value, which is fetched.

        If the fetch fails, or does not end by the call's deadline, the future has the stale value. It has the failure
        if there is no usable stale value. Cancel the future to stop waiting.
        """
        results: list[T | asyncio.Future[T]] = []
        for resource in resources:
            value = self.find(resource, call)
            results.append(self._wait_for(resource, call) if value is MISSING else value)
        return results

    def now(self) -> float:
        """Return the time on the clock by which entries expire."""
        return self._clock()

    def _dependency(self, key: str, value: object) -> Dependency | None:
        """Return a dependency on the entry with this value. Returns None if no entry has it."""
        entry = self._entries.peek(key)
        if entry is None or entry.value is not value:
            return None
        return Dependency(self, key, entry.version, entry.read_at + REFRESH_AHEAD_FRACTION * entry.ttl)

    def is_current(self, key: str, version: object) -> bool:
        """Return whether this version of an entry is still cached."""
        entry = self._entries.peek(key)
        return entry is not None and entry.version is version

    def peek(self, key: str, stale_for: float = math.inf) -> Any:
        """Return the cached value, or None if it is missing or expired at least `stale_for` seconds ago."""
        entry = self._entries.get(key)
        if entry is None or self._clock() - entry.read_at >= entry.ttl + stale_for:
            return None
        return entry.value

    def put(self, key: str, value: object, size: int) -> None:
        """Cache a value that does not expire."""
        self._store(key, Entry(value, self._clock(), math.inf), size)

    def _wait_for(self, resource: CachedResource[T], call: CallContext) -> asyncio.Future[T]:
        """Return a future of the value that is being fetched. Starts the fetch if there is none."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        future.add_done_callback(self._leave)
        waiter = self._waiters[future] = Waiter(resource, call, future, copy_context())
        self._timers.set(call.deadline + DEADLINE_GRACE, waiter)
        self._join(waiter)
        return future

    def _join(self, waiter: Waiter[Any]) -> None:
        resource, call = waiter.resource, waiter.call
        max_age_fraction = 0 if call.bypass_cache else 1
        if self._flights.join(
            resource.key, waiter, lambda: self._fetch(resource, call.for_flight(), max_age_fraction), waiter.context
        ):
            self.counts.fetches += 1
        else:
            self.counts.joined += 1

    async def _fetch(self, resource: CachedResource[T], call: CallContext, max_age_fraction: float) -> Fetched[T]:
        """Fetch and cache a value. A value that no later request may use is not measured."""
        fetched = await resource.fetch(call, max_age_fraction)
        if fetched.ttl is not None and (fetched.ttl or resource.stale_for):
            entry = Entry(fetched.value, self._clock() - fetched.age, fetched.ttl)
            self._store(resource.key, entry, resource.size_of(fetched.value))
        return fetched

    def _settle(self, waiter: Waiter[T], outcome: Fetched[T] | Exception | None) -> None:
        """Pass the outcome of a fetch to one waiter, or cancel the waiter if there is none.

        A fetch has the deadline of the request that started it. A waiter with a later deadline starts another fetch.
        """
        future = waiter.future
        if future.done():
            return
        if outcome is None:
            future.cancel()
            return
        if isinstance(outcome, TimedOut) and loop_time() < waiter.call.deadline - DEADLINE_GRACE:
            self._join(waiter)
            return
        future.remove_done_callback(self._leave)
        self._leave(future)
        try:
            value = outcome.value if isinstance(outcome, Fetched) else self._stale_or_raise(waiter.resource, outcome)
        except ProviderError as failure:
            # Without its traceback, which refers to this frame, and so to the future: that would be a reference cycle.
            future.set_exception(failure.with_traceback(None))
            return
        except Exception as error:  # noqa: BLE001 (the waiter raises it: a bug, whose traceback is logged)
            future.set_exception(error)
            return
        if waiter.call.dependencies is not None:
            waiter.call.dependencies.add(self._dependency(waiter.resource.key, value))
        future.set_result(value)

    def _expire(self, waiter: Waiter[Any]) -> None:
        self._settle(waiter, TimedOut(waiter.resource.account_ref))

    def _leave(self, future: asyncio.Future[Any]) -> None:
        """Remove a waiter that is settled or cancelled."""
        waiter = self._waiters.pop(future)
        self._timers.cancel(waiter.call.deadline + DEADLINE_GRACE, waiter)
        self._flights.leave(waiter.resource.key, waiter)

    def _stale_or_raise(self, resource: CachedResource[T], failure: Exception) -> T:
        """Return the cached value: as it is if it is fresh by now, else marked as stale. Raises the failure if none."""
        entry = self._entries.get(resource.key)
        if entry is None:
            raise failure
        age = self._clock() - entry.read_at
        if age < entry.ttl and isinstance(failure, ProviderError):  # another fetch has stored it meanwhile
            return entry.value  # type: ignore[no-any-return]
        value: T = entry.value
        return stale_or_raise(resource, value, age, entry.ttl, failure)

    def _store(self, key: str, entry: Entry, size: int) -> None:
        self._entries.put(key, entry, size + ENTRY_OVERHEAD + len(key))
