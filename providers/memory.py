"""What was seen: each provider resource once, for as long as it stands, and a little longer while its provider fails.

Many requests that ask for the same resource at once share one flight. A flight ends early when nobody waits for
it any more; who stops waiting does not disturb the others.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextvars import Context, ContextVar
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from .errors import ProviderError, TimedOut
from .owner import Owner

T = TypeVar("T")
MOST_BYTES = 256 * 1024 * 1024
_ENTRY = 400  # bytes that an entry takes besides its key and its value, roughly
_LATE = 0.05  # seconds that a fetch has to say for itself that its time is over
_EARLY = 0.9  # of its freshness, after which an answer that is still wanted is read again in the background


class Seen(msgspec.Struct, Generic[T], frozen=True):
    """An answer as it was read, and how long it is fresh."""

    value: T
    seconds: float | None  # None: not to be remembered
    age: float = 0.0  # seconds since it was read, where somebody else read it


class Recall(msgspec.Struct, Generic[T], frozen=True):
    """How one resource is remembered."""

    key: str
    owner: Owner
    until: float  # when who wants it has to have it, on the loop's clock
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


class _Flight:
    """One fetch, and those who wait for it: each at a place of his own, so that who leaves is no news to the others."""

    task: asyncio.Task[None]

    def __init__(self, *, background: bool) -> None:
        self.background = background  # it goes on without anybody
        self.places: dict[asyncio.Future[Seen[Any]], None] = {}


class Uses:
    """What one request was given from a memory, as long as all of it was remembered."""

    def __init__(self) -> None:
        self._given: list[tuple[Memory, str, object]] = []
        self._until = math.inf  # on the memory's clock: when the first of it is to be read again
        self._clock = time.monotonic
        self.whole = True

    def note(self, memory: "Memory", key: str, value: object) -> None:
        """One answer. What was not kept, or is old, says nothing of tomorrow."""
        entry = memory._entries.get(key)  # noqa: SLF001 (a part of the memory)
        if entry is None or entry.value is not value:
            self.whole = False
            return
        self._clock = memory._clock  # noqa: SLF001
        self._given.append((memory, key, entry.mark))
        self._until = min(self._until, entry.read_at + _EARLY * entry.fresh_for)

    @property
    def stand(self) -> bool:
        """Whether all of it is what the memory would give now."""
        return self._clock() < self._until and all(memory.holds(key, mark) for memory, key, mark in self._given)


# What the request that is being answered is given; none where nobody wants to know.
uses: ContextVar[Uses | None] = ContextVar("uses", default=None)


class Memory:
    """Bounded in bytes; the least recently used leaves first."""

    def __init__(self, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most_bytes, clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._flights: dict[str, _Flight] = {}
        self.bytes = 0

    def recall(self, wanted: Recall[T], *, through: bool = False) -> Awaitable[T]:
        """The answer: remembered while fresh, and then there at once; else fetched, else the old one.

        `through` asks in any case.
        """
        entry = self._entry(wanted.key)
        if entry is None or through:
            return self._fetched(wanted, 0 if through else 1)
        age = self._clock() - entry.read_at
        if age >= entry.fresh_for:
            return self._fetched(wanted, 1)
        if age > _EARLY * entry.fresh_for:
            self._refresh(wanted)
        if noted := uses.get():
            noted.note(self, wanted.key, entry.value)
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        answer.set_result(entry.value)
        return answer

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

    async def _fetched(self, wanted: Recall[T], within: float) -> T:
        """A fetch lasts as long as the request that began it; who has longer begins another."""
        while True:
            try:
                answer = (await self._join(wanted, within)).value
            except ProviderError as failure:
                if isinstance(failure, TimedOut) and asyncio.get_running_loop().time() < wanted.until - _LATE:
                    continue
                answer = self._old(wanted, failure)
            if noted := uses.get():
                noted.note(self, wanted.key, answer)
            return answer

    def _old(self, wanted: Recall[T], failure: ProviderError) -> T:
        """What was seen before; raises the failure where that is nothing, or too long ago."""
        entry = self._entry(wanted.key)
        if entry is None:
            raise failure
        age = self._clock() - entry.read_at
        if age < entry.fresh_for:  # by another flight, in the meantime
            return entry.value  # type: ignore[no-any-return]
        if age >= entry.fresh_for + wanted.stale_for:
            raise failure
        return wanted.aged(entry.value, failure)

    async def _join(self, wanted: Recall[T], within: float) -> Seen[T]:
        """Waits for the one flight of a resource, for as long as there is time; the last to leave ends it."""
        loop, flight = asyncio.get_running_loop(), self._flight(wanted, within)
        place: asyncio.Future[Seen[T]] = loop.create_future()
        flight.places[place] = None
        timer = loop.call_at(wanted.until + _LATE, _give_up, place, wanted.owner)
        try:
            return await place
        finally:
            timer.cancel()
            del flight.places[place]
            if not (flight.places or flight.background or flight.task.done()):
                self._flights.pop(wanted.key, None)
                flight.task.cancel()

    def _refresh(self, wanted: Recall[T]) -> None:
        """Fetches for those who will come: nobody waits, and no request's deadline is over it."""
        self._flight(wanted, _EARLY, Context())

    def _flight(self, wanted: Recall[T], within: float, context: Context | None = None) -> _Flight:
        flight = self._flights.get(wanted.key)
        if flight is None:
            flight = self._flights[wanted.key] = _Flight(background=context is not None)
            flight.task = asyncio.create_task(self._fly(wanted, within, flight), context=context)
        return flight

    async def _fly(self, wanted: Recall[T], within: float, flight: _Flight) -> None:
        try:
            seen = await wanted.fetch(within)
            # What nobody would be given again is not worth weighing.
            if seen.seconds is not None and (seen.seconds or wanted.stale_for):
                size = wanted.weigh(seen.value)
                self._keep(wanted.key, _Entry(seen.value, size, self._clock() - seen.age, seen.seconds))
        except Exception as failure:  # noqa: BLE001 (who waits has it; in the background nobody needs it)
            self._land(wanted.key, flight, asyncio.Future.set_exception, failure)
        except BaseException:
            self._land(wanted.key, flight, asyncio.Future.cancel)
            raise
        else:
            self._land(wanted.key, flight, asyncio.Future.set_result, seen)

    def _land(self, key: str, flight: _Flight, tell: Callable[..., object], *what: object) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        for place in flight.places:
            if not place.done():
                tell(place, *what)

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


def _give_up(place: asyncio.Future[Any], owner: Owner) -> None:
    if not place.done():
        place.set_exception(TimedOut(owner))
