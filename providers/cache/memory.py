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

from providers.account import Owner
from providers.errors import ProviderError, TimedOut
from providers.transport.timers import Alarms

from .dependencies import EARLY, Dependency, uses

T = TypeVar("T")
MOST_BYTES = 256 * 1024 * 1024
_ENTRY = 400  # bytes that an entry takes besides its key and its value, roughly
_LATE = 0.05  # seconds that a fetch has to say for itself that its time is over


class Seen(msgspec.Struct, Generic[T], frozen=True):
    """An answer as it was read, and how long it is fresh."""

    value: T
    seconds: float | None  # None: not to be remembered
    age: float = 0.0  # seconds since it was read, where somebody else read it


class Recall(msgspec.Struct, Generic[T], frozen=True):
    """How one resource is remembered."""

    key: str
    owner: Owner
    fetch: Callable[[float], Awaitable[Seen[T]]]  # the part of its time that an answer read elsewhere may be old
    stale_for: float
    aged: Callable[[T, ProviderError], T]  # the answer, saying of itself that it is old, and why; or raises that
    weigh: Callable[[T], int]  # about how many bytes of memory an answer takes


@dataclass(slots=True)
class _Entry:
    value: Any
    size: int
    read_at: float
    fresh_for: float
    mark: object = field(default_factory=object)  # tells it from any other, and holds nothing of it


@dataclass(slots=True, eq=False)
class _Place(Generic[T]):
    """One who waits, for what, and in which context."""

    wanted: Recall[T]
    until: float  # on the loop's clock
    within: float
    answer: asyncio.Future[T]
    context: Context


class _Flight:
    """One fetch, and those who wait for it: each at a place of his own, so that who leaves is no news to the others."""

    task: asyncio.Task[None]

    def __init__(self, *, background: bool) -> None:
        self.background = background  # it goes on without anybody
        self.places: dict[_Place[Any], None] = {}


class Memory:
    """Bounded in bytes; the least recently used leaves first."""

    def __init__(self, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most_bytes, clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._flights: dict[str, _Flight] = {}
        self._places: dict[asyncio.Future[Any], _Place[Any]] = {}
        self._alarms = Alarms(self._late)
        self.bytes = 0

    def recall(self, wanted: Recall[T], until: float, *, through: bool = False) -> asyncio.Future[T]:
        """The answer: remembered while fresh, and then there at once; else fetched, else the old one.

        Who wants it has to have it by `until`, on the loop's clock. `through` asks in any case.
        """
        entry = self._entry(wanted.key)
        if entry is None or through:
            return self._fetched(wanted, until, 0 if through else 1)
        age = self._clock() - entry.read_at
        if age >= entry.fresh_for:
            return self._fetched(wanted, until, 1)
        if age > EARLY * entry.fresh_for:
            self._refresh(wanted)
        if noted := uses.get():
            noted.note(self._dependency(wanted.key, entry.value))
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
        return Dependency(self, key, entry.mark, entry.read_at + EARLY * entry.fresh_for)

    def holds(self, key: str, mark: object) -> bool:
        """Whether an entry is there still, and no newer one in its place."""
        entry = self._entries.get(key)
        return entry is not None and entry.mark is mark

    def known(self, key: str, stale_for: float = math.inf) -> Any:
        """What is known by that key, and ran out no longer ago than that; null when nothing is."""
        entry = self._entry(key)
        if entry is None or self._clock() - entry.read_at >= entry.fresh_for + stale_for:
            return None
        return entry.value

    def know(self, key: str, value: object, size: int) -> None:
        """Keeps what does not grow old."""
        self._keep(key, _Entry(value, size, self._clock(), math.inf))

    def _fetched(self, wanted: Recall[T], until: float, within: float) -> asyncio.Future[T]:
        """From the one flight of a resource, for as long as there is time; the last to leave ends it."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(self._left)
        place = self._places[answer] = _Place(wanted, until, within, answer, copy_context())
        self._alarms.set(until + _LATE, place)
        self._join(place)
        return answer

    def _join(self, place: _Place[Any]) -> None:
        self._flight(place.wanted, place.within).places[place] = None

    def _tell(self, place: _Place[T], outcome: Seen[T] | Exception) -> None:
        """A fetch lasts as long as the request that began it; who has longer begins another."""
        wanted, answer = place.wanted, place.answer
        if answer.done():
            return
        if isinstance(outcome, TimedOut) and asyncio.get_running_loop().time() < place.until - _LATE:
            self._join(place)
            return
        answer.remove_done_callback(self._left)
        self._left(answer)
        try:
            value = outcome.value if isinstance(outcome, Seen) else self._old(wanted, outcome)
        except Exception as failure:  # noqa: BLE001 (who waits has it)
            answer.set_exception(failure)
            return
        if noted := uses.get():
            noted.note(self._dependency(wanted.key, value))
        answer.set_result(value)

    def _late(self, place: _Place[Any]) -> None:
        place.context.run(self._tell, place, TimedOut(place.wanted.owner))

    def _left(self, answer: asyncio.Future[Any]) -> None:
        """Whoever waited for it, because he was told or because he was cancelled."""
        place = self._places.pop(answer)
        key = place.wanted.key
        self._alarms.cancel(place.until + _LATE, place)
        flight = self._flights.get(key)
        if flight is None or place not in flight.places:
            return
        del flight.places[place]
        if not (flight.places or flight.background):
            del self._flights[key]
            flight.task.cancel()

    def _old(self, wanted: Recall[T], failure: Exception) -> T:
        """What was seen before; raises the failure where that is nothing, or too long ago."""
        entry = self._entry(wanted.key)
        if entry is None or not isinstance(failure, ProviderError):
            raise failure
        age = self._clock() - entry.read_at
        if age < entry.fresh_for:  # by another flight, in the meantime
            return entry.value  # type: ignore[no-any-return]
        if age >= entry.fresh_for + wanted.stale_for:
            raise failure
        return wanted.aged(entry.value, failure)

    def _refresh(self, wanted: Recall[T]) -> None:
        """Fetches for those who will come: nobody waits, and no request's deadline is over it."""
        self._flight(wanted, EARLY, Context())

    def _flight(self, wanted: Recall[T], within: float, context: Context | None = None) -> _Flight:
        flight = self._flights.get(wanted.key)
        if flight is None:
            flight = self._flights[wanted.key] = _Flight(background=context is not None)
            fly = self._fly(wanted, within, flight)
            flight.task = asyncio.get_running_loop().create_task(fly, context=context)
        return flight

    async def _fly(self, wanted: Recall[T], within: float, flight: _Flight) -> None:
        try:
            seen = await wanted.fetch(within)
            # What nobody would be given again is not worth weighing.
            if seen.seconds is not None and (seen.seconds or wanted.stale_for):
                size = wanted.weigh(seen.value)
                self._keep(wanted.key, _Entry(seen.value, size, self._clock() - seen.age, seen.seconds))
        except Exception as failure:  # noqa: BLE001 (who waits has it; in the background nobody needs it)
            self._land(wanted.key, flight, failure)
        except BaseException:
            self._land(wanted.key, flight, None)
            raise
        else:
            self._land(wanted.key, flight, seen)

    def _land(self, key: str, flight: _Flight, outcome: Seen[Any] | Exception | None) -> None:
        """Tells those who wait; with nothing to tell, they are cancelled."""
        if self._flights.get(key) is flight:
            del self._flights[key]
        for place in flight.places:
            if outcome is None:
                place.answer.cancel()
            else:
                place.context.run(self._tell, place, outcome)

    def _entry(self, key: str) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def _keep(self, key: str, entry: _Entry) -> None:
        entry.size += _ENTRY + len(key)
        if entry.size > self._most:
            return
        self._forget(key)
        self._entries[key] = entry
        self.bytes += entry.size
        while self.bytes > self._most:
            self._forget(next(iter(self._entries)))

    def _forget(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= entry.size
