"""What was seen: each provider resource once, for as long as it stands, and a little longer while its provider fails.

Many requests that ask for the same resource at once share one flight. A flight ends early when nobody waits for
it any more; who stops waiting does not disturb the others.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from providers.account import AccountRef
from providers.errors import ProviderError, TimedOut
from providers.transport.timers import SharedTimers

from .dependencies import REFRESH_AHEAD_FRACTION, Dependency, dependencies

T = TypeVar("T")
MAX_BYTES = 256 * 1024 * 1024
ENTRY_OVERHEAD = 400  # bytes that an entry takes besides its key and its value, roughly
DEADLINE_GRACE = 0.05  # seconds that a fetch has to say for itself that its time is over


class Fetched(msgspec.Struct, Generic[T], frozen=True):
    """An answer as it was read, and how long it is fresh."""

    value: T
    ttl: float | None  # None: not to be remembered
    age: float = 0.0  # seconds since it was read, where somebody else read it


class CachedResource(msgspec.Struct, Generic[T], frozen=True):
    """How one resource is remembered."""

    key: str
    owner: AccountRef
    fetch: Callable[[float], Awaitable[Fetched[T]]]  # the part of its time that an answer read elsewhere may be old
    stale_for: float
    as_stale: Callable[[T, ProviderError], T]  # the answer, saying of itself that it is old, and why; or raises that
    size_of: Callable[[T], int]  # about how many bytes of memory an answer takes


@dataclass(slots=True)
class Entry:
    value: Any
    size: int
    read_at: float
    ttl: float
    version: object = field(default_factory=object)  # tells it from any other, and holds nothing of it


@dataclass(slots=True, eq=False)
class Waiter(Generic[T]):
    """One who waits, for what, and in which context."""

    resource: CachedResource[T]
    deadline: float  # on the loop's clock
    max_age_fraction: float
    future: asyncio.Future[T]
    context: Context


class Flight:
    """One fetch, and those who wait for it: each at a place of his own, so that who leaves is no news to the others."""

    task: asyncio.Task[None]

    def __init__(self, *, background: bool) -> None:
        self.background = background  # it goes on without anybody
        self.waiters: dict[Waiter[Any], None] = {}


class ResourceCache:
    """Bounded in bytes; the least recently used leaves first."""

    def __init__(self, most_bytes: int = MAX_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes, self._clock = most_bytes, clock
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._flights: dict[str, Flight] = {}
        self._waiters: dict[asyncio.Future[Any], Waiter[Any]] = {}
        self._timers = SharedTimers(self._expire_waiter)
        self.bytes = 0

    def get(self, wanted: CachedResource[T], deadline: float, *, bypass: bool = False) -> asyncio.Future[T]:
        """The answer: remembered while fresh, and then there at once; else fetched, else the old one.

        Who wants it has to have it by `until`, on the loop's clock. `through` asks in any case.
        """
        entry = self._entry(wanted.key)
        if entry is None or bypass:
            return self._wait_for_fetch(wanted, deadline, 0 if bypass else 1)
        age = self._clock() - entry.read_at
        if age >= entry.ttl:
            return self._wait_for_fetch(wanted, deadline, 1)
        if age > REFRESH_AHEAD_FRACTION * entry.ttl:
            self._refresh_ahead(wanted)
        if noted := dependencies.get():
            noted.add(self._dependency(wanted.key, entry.value))
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        answer.set_result(entry.value)
        return answer

    def now(self) -> float:
        """The time on the clock by which entries expire."""
        return self._clock()

    def _dependency(self, key: str, value: object) -> Dependency | None:
        """The entry that holds the value, or None if there is none."""
        entry = self._entries.get(key)
        if entry is None or entry.value is not value:
            return None
        return Dependency(self, key, entry.version, entry.read_at + REFRESH_AHEAD_FRACTION * entry.ttl)

    def is_current(self, key: str, mark: object) -> bool:
        """Whether an entry is there still, and no newer one in its place."""
        entry = self._entries.get(key)
        return entry is not None and entry.version is mark

    def peek(self, key: str, stale_for: float = math.inf) -> Any:
        """What is known by that key, and ran out no longer ago than that; null when nothing is."""
        entry = self._entry(key)
        if entry is None or self._clock() - entry.read_at >= entry.ttl + stale_for:
            return None
        return entry.value

    def put(self, key: str, value: object, size: int) -> None:
        """Keeps what does not grow old."""
        self._store(key, Entry(value, size, self._clock(), math.inf))

    def _wait_for_fetch(self, wanted: CachedResource[T], until: float, within: float) -> asyncio.Future[T]:
        """From the one flight of a resource, for as long as there is time; the last to leave ends it."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(self._remove_waiter)
        place = self._waiters[answer] = Waiter(wanted, until, within, answer, copy_context())
        self._timers.set(until + DEADLINE_GRACE, place)
        self._join(place)
        return answer

    def _join(self, place: Waiter[Any]) -> None:
        self._flight(place.resource, place.max_age_fraction).waiters[place] = None

    def _settle(self, place: Waiter[T], outcome: Fetched[T] | Exception) -> None:
        """A fetch lasts as long as the request that began it; who has longer begins another."""
        wanted, answer = place.resource, place.future
        if answer.done():
            return
        if isinstance(outcome, TimedOut) and asyncio.get_running_loop().time() < place.deadline - DEADLINE_GRACE:
            self._join(place)
            return
        answer.remove_done_callback(self._remove_waiter)
        self._remove_waiter(answer)
        try:
            value = outcome.value if isinstance(outcome, Fetched) else self._stale_or_raise(wanted, outcome)
        except Exception as failure:  # noqa: BLE001 (who waits has it)
            answer.set_exception(failure)
            return
        if noted := dependencies.get():
            noted.add(self._dependency(wanted.key, value))
        answer.set_result(value)

    def _expire_waiter(self, place: Waiter[Any]) -> None:
        place.context.run(self._settle, place, TimedOut(place.resource.owner))

    def _remove_waiter(self, answer: asyncio.Future[Any]) -> None:
        """Whoever waited for it, because he was told or because he was cancelled."""
        place = self._waiters.pop(answer)
        key = place.resource.key
        self._timers.cancel(place.deadline + DEADLINE_GRACE, place)
        flight = self._flights.get(key)
        if flight is None or place not in flight.waiters:
            return
        del flight.waiters[place]
        if not (flight.waiters or flight.background):
            del self._flights[key]
            flight.task.cancel()

    def _stale_or_raise(self, wanted: CachedResource[T], failure: Exception) -> T:
        """What was seen before; raises the failure where that is nothing, or too long ago."""
        entry = self._entry(wanted.key)
        if entry is None or not isinstance(failure, ProviderError):
            raise failure
        age = self._clock() - entry.read_at
        if age < entry.ttl:  # by another flight, in the meantime
            return entry.value  # type: ignore[no-any-return]
        if age >= entry.ttl + wanted.stale_for:
            raise failure
        return wanted.as_stale(entry.value, failure)

    def _refresh_ahead(self, wanted: CachedResource[T]) -> None:
        """Fetches for those who will come: nobody waits, and no request's deadline is over it."""
        self._flight(wanted, REFRESH_AHEAD_FRACTION, Context())

    def _flight(self, wanted: CachedResource[T], within: float, context: Context | None = None) -> Flight:
        flight = self._flights.get(wanted.key)
        if flight is None:
            flight = self._flights[wanted.key] = Flight(background=context is not None)
            fly = self._run_flight(wanted, within, flight)
            flight.task = asyncio.get_running_loop().create_task(fly, context=context)
        return flight

    async def _run_flight(self, wanted: CachedResource[T], within: float, flight: Flight) -> None:
        try:
            seen = await wanted.fetch(within)
            # What nobody would be given again is not worth weighing.
            if seen.ttl is not None and (seen.ttl or wanted.stale_for):
                size = wanted.size_of(seen.value)
                self._store(wanted.key, Entry(seen.value, size, self._clock() - seen.age, seen.ttl))
        except Exception as failure:  # noqa: BLE001 (who waits has it; in the background nobody needs it)
            self._finish(wanted.key, flight, failure)
        except BaseException:
            self._finish(wanted.key, flight, None)
            raise
        else:
            self._finish(wanted.key, flight, seen)

    def _finish(self, key: str, flight: Flight, outcome: Fetched[Any] | Exception | None) -> None:
        """Tells those who wait; with nothing to tell, they are cancelled."""
        if self._flights.get(key) is flight:
            del self._flights[key]
        for place in flight.waiters:
            if outcome is None:
                place.future.cancel()
            else:
                place.context.run(self._settle, place, outcome)

    def _entry(self, key: str) -> Entry | None:
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def _store(self, key: str, entry: Entry) -> None:
        entry.size += ENTRY_OVERHEAD + len(key)
        if entry.size > self._max_bytes:
            return
        self._evict(key)
        self._entries[key] = entry
        self.bytes += entry.size
        while self.bytes > self._max_bytes:
            self._evict(next(iter(self._entries)))

    def _evict(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= entry.size
