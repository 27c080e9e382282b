"""In-process cache of provider resources, with single flight, refresh-ahead and stale-if-error."""

import asyncio
import math
import time
from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeVar

from execution.lru import ByteBoundedLRU
from providers.call import CallContext
from providers.dependencies import Dependency
from providers.errors import ProviderError, TimedOut
from providers.transport.timers import SharedTimers

from .resource import CachedResource, Entry, Fetched, Flight, Waiter

T = TypeVar("T")
MAX_BYTES = 256 * 1024 * 1024
# Of the TTL: an entry that is requested after this part of it is fetched again in the background.
REFRESH_AHEAD_FRACTION = 0.9
ENTRY_OVERHEAD = 400  # bytes that an entry takes besides its key and its value, estimated
DEADLINE_GRACE = 0.05  # extra seconds after a waiter's deadline in which a fetch may report its own timeout


class ResourceCache:
    """Least-recently-used cache, bounded in bytes.

    Each resource is fetched once per TTL. After that, a stale value can replace a failure for `stale_for` seconds.
    Concurrent requests for a resource share one flight. A flight is cancelled when its last waiter is.
    Cancelling another waiter does not affect it.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: ByteBoundedLRU[str, Entry] = ByteBoundedLRU(max_bytes)
        self._flights: dict[str, Flight] = {}
        self._waiters: dict[asyncio.Future[Any], Waiter[Any]] = {}
        self._timers = SharedTimers(self._expire_waiter)

    @property
    def bytes(self) -> int:
        """The estimated size of all entries."""
        return self._entries.size

    @property
    def losses(self) -> int:
        """How many entries have been replaced or evicted."""
        return self._entries.losses

    def get(self, resource: CachedResource[T], call: CallContext) -> asyncio.Future[T]:
        """Return a future of the resource's value.

        The future is done at once if the cached value is fresh. Otherwise the value is fetched.
        If the fetch fails, or does not end by the call's deadline, the value is the stale one.
        The future raises the failure if there is no usable stale value. `call.bypass_cache` fetches even a fresh value.
        """
        entry = self._entries.get(resource.key)
        if entry is None or call.bypass_cache:
            return self._wait_for_fetch(resource, call, 0 if call.bypass_cache else 1)
        age = self._clock() - entry.read_at
        if age >= entry.ttl:
            return self._wait_for_fetch(resource, call, 1)
        if age > REFRESH_AHEAD_FRACTION * entry.ttl:
            self._refresh_ahead(resource)
        if call.dependencies is not None:
            call.dependencies.add(self._dependency(resource.key, entry.value))
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        future.set_result(entry.value)
        return future

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

    def _wait_for_fetch(
        self, resource: CachedResource[T], call: CallContext, max_age_fraction: float
    ) -> asyncio.Future[T]:
        """Add a waiter to the resource's flight, which starts if there is none."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        future.add_done_callback(self._remove_waiter)
        waiter = self._waiters[future] = Waiter(resource, call, max_age_fraction, future)
        self._timers.set(call.deadline + DEADLINE_GRACE, waiter)
        self._join(waiter)
        return future

    def _join(self, waiter: Waiter[Any], context: Context | None = None) -> None:
        flight = self._flight(waiter.resource, waiter.call, waiter.max_age_fraction, context)
        flight.waiters[waiter] = None

    def _settle(self, waiter: Waiter[T], outcome: Fetched[T] | Exception) -> None:
        """Pass the outcome of a fetch to one waiter.

        A fetch has the deadline of the request that started it. A waiter with a later deadline starts another fetch.
        """
        resource, future = waiter.resource, waiter.future
        if future.done():
            return
        if isinstance(outcome, TimedOut) and asyncio.get_running_loop().time() < waiter.call.deadline - DEADLINE_GRACE:
            self._join(waiter, Context())  # the log entries of the fetch do not belong to the earlier request
            return
        future.remove_done_callback(self._remove_waiter)
        self._remove_waiter(future)
        try:
            value = outcome.value if isinstance(outcome, Fetched) else self._stale_or_raise(resource, outcome)
        except Exception as failure:  # noqa: BLE001 (the waiter raises it)
            future.set_exception(failure)
            return
        if waiter.call.dependencies is not None:
            waiter.call.dependencies.add(self._dependency(resource.key, value))
        future.set_result(value)

    def _expire_waiter(self, waiter: Waiter[Any]) -> None:
        self._settle(waiter, TimedOut(waiter.resource.account_ref))

    def _remove_waiter(self, future: asyncio.Future[Any]) -> None:
        """Remove a waiter that is settled or cancelled. Cancels the flight of the last one."""
        waiter = self._waiters.pop(future)
        key = waiter.resource.key
        self._timers.cancel(waiter.call.deadline + DEADLINE_GRACE, waiter)
        flight = self._flights.get(key)
        if flight is None or waiter not in flight.waiters:
            return
        del flight.waiters[waiter]
        if not (flight.waiters or flight.is_background):
            del self._flights[key]
            flight.task.cancel()

    def _stale_or_raise(self, resource: CachedResource[T], failure: Exception) -> T:
        """Return the cached value, marked as stale. Raises the failure if the value is missing or too old."""
        entry = self._entries.get(resource.key)
        if entry is None or not isinstance(failure, ProviderError):
            raise failure
        age = self._clock() - entry.read_at
        if age < entry.ttl:  # another flight has fetched it meanwhile
            return entry.value  # type: ignore[no-any-return]
        if age >= entry.ttl + resource.stale_for:
            raise failure
        return resource.as_stale(entry.value, failure)

    def _refresh_ahead(self, resource: CachedResource[T]) -> None:
        """Fetch for later requests. No caller waits, and no request's deadline applies."""
        self._flight(resource, CallContext(), REFRESH_AHEAD_FRACTION, Context(), is_background=True)

    def _flight(
        self,
        resource: CachedResource[T],
        call: CallContext,
        max_age_fraction: float,
        context: Context | None,
        *,
        is_background: bool = False,
    ) -> Flight:
        """Return the resource's flight, or start one in this context. None: in the running task's context."""
        flight = self._flights.get(resource.key)
        if flight is None:
            flight = self._flights[resource.key] = Flight(is_background=is_background)
            run = self._run_flight(resource, call.for_flight(), max_age_fraction, flight)
            flight.task = asyncio.get_running_loop().create_task(run, context=context)
        return flight

    async def _run_flight(
        self, resource: CachedResource[T], call: CallContext, max_age_fraction: float, flight: Flight
    ) -> None:
        try:
            fetched = await resource.fetch(call, max_age_fraction)
            # A value that no later request may use is not measured.
            if fetched.ttl is not None and (fetched.ttl or resource.stale_for):
                entry = Entry(fetched.value, self._clock() - fetched.age, fetched.ttl)
                self._store(resource.key, entry, resource.size_of(fetched.value))
        except Exception as failure:  # noqa: BLE001 (the waiters raise it; a background flight has none)
            self._finish(resource.key, flight, failure)
        except BaseException:
            self._finish(resource.key, flight, None)
            raise
        else:
            self._finish(resource.key, flight, fetched)

    def _finish(self, key: str, flight: Flight, outcome: Fetched[Any] | Exception | None) -> None:
        """Settle the flight's waiters, or cancel them if there is no outcome.

        The flight then refers to nothing: a failure refers to it by its traceback, and would form reference cycles.
        """
        if self._flights.get(key) is flight:
            del self._flights[key]
        waiters, flight.waiters = flight.waiters, {}
        del flight.task
        for waiter in waiters:
            if outcome is None:
                waiter.future.cancel()
            else:
                self._settle(waiter, outcome)

    def _store(self, key: str, entry: Entry, size: int) -> None:
        self._entries.put(key, entry, size + ENTRY_OVERHEAD + len(key))
