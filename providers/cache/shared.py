"""What several instances share through one store: an answer that one of them fetched serves all of them.

One instance fetches, the others wait for it, or take over when it dies. Entries hold wire answers, never
credentials; what cannot be read, is of another format, or belongs to somebody else is as good as nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import msgspec

from providers.account import AccountRef
from providers.deadline import current_deadline
from providers.errors import NotFound, ProviderError, TimedOut
from providers.redis.store import Lease, RedisStore
from providers.transport.recording import RecordedResponse, Recording, recording
from schema.invoice import Invoice, InvoiceStatus

T = TypeVar("T")
POLL_INTERVAL, MAX_POLL_INTERVAL = (
    0.05,
    0.4,
)  # seconds between two looks at what another instance is fetching: ever more
MAX_CLOCK_SKEW = (
    5.0  # seconds by which clocks of instances may differ; what was read later than that is no answer of theirs
)


class StoredEntry(msgspec.Struct, frozen=True, array_like=True):
    """One question's answers, and when they were read."""

    key: str
    read_at: float  # seconds since 1970, by the clock of the instance that read them
    responses: list[RecordedResponse]


class SharedHit(msgspec.Struct, Generic[T], frozen=True):
    """An answer, its age in seconds, for how many it stands, and, where its provider failed, why it is old."""

    value: T
    age: float = 0.0
    ttl: float = 0.0
    stale_reason: ProviderError | None = None


class SharedResource(msgspec.Struct, Generic[T], frozen=True):
    """One resource of a source."""

    key: str
    owner: AccountRef
    fetch: Callable[[], Awaitable[T]]
    ttl: Callable[[T], float | None]  # for which an answer stands; null: not to be remembered
    stale_for: float


class SharedCache:
    """Asks a source once for all instances."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    async def get(self, wanted: SharedResource[T], within: float = 1.0) -> SharedHit[T]:
        """The shared answer, if no older than that part of its time; else a fetched one, else the old one.

        For how long an answer stands is for each instance to say.
        """
        until, pause = current_deadline(), POLL_INTERVAL
        while True:
            held = await self._replay_stored(wanted)
            if held is not None and held.age < within * held.ttl:
                return held
            async with self._store.lease(wanted.key) as lease:
                if lease.is_held:
                    return await self._fetch_as_leader(wanted, within, lease)
            left = until - asyncio.get_running_loop().time()
            if left <= 0:  # another instance waits for the provider, and so did we
                return _stale_or_raise(wanted, held, TimedOut(wanted.owner))
            await asyncio.sleep(min(pause, left))
            pause = min(1.5 * pause, MAX_POLL_INTERVAL)

    async def _fetch_as_leader(self, wanted: SharedResource[T], within: float, lease: Lease) -> SharedHit[T]:
        held = await self._replay_stored(wanted)  # between the look and the lease another instance may have been here
        if held is not None and held.age < within * held.ttl:
            return held
        recorded = Recording()
        recording.set(recorded)
        try:
            value = await wanted.fetch()
            if value is None and held is not None and is_posted(held.value):
                raise NotFound(wanted.owner)
        except ProviderError as failure:
            return _stale_or_raise(wanted, held, failure)
        seconds = wanted.ttl(value)
        if seconds is not None and recorded.responses:
            entry = StoredEntry(wanted.key, time.time(), recorded.responses)
            lease.payload = msgspec.msgpack.encode(entry), seconds + wanted.stale_for
        return SharedHit(value, 0.0, seconds or 0.0)

    async def _replay_stored(self, wanted: SharedResource[T]) -> SharedHit[T] | None:
        """What the store has, as the source itself translates it; nobody is asked."""
        entry = _decode_entry(await self._store.get(wanted.key))
        if entry is None or entry.key != wanted.key:
            return None
        age = time.time() - entry.read_at
        if not age > -MAX_CLOCK_SKEW:
            return None
        recording.set(Recording(entry.responses, replay_only=True))
        try:
            value = await wanted.fetch()
        except Exception:  # noqa: BLE001 (whatever is wrong with it, it is as good as nothing)
            return None
        return SharedHit(value, max(0.0, age), wanted.ttl(value) or 0.0)


def is_posted(answer: object) -> bool:
    """Whether it is a bill that does not go away: its provider fails where it says so."""
    return isinstance(answer, Invoice) and answer.status is InvoiceStatus.ISSUED


def _stale_or_raise(wanted: SharedResource[T], held: SharedHit[T] | None, failure: ProviderError) -> SharedHit[T]:
    """What was read before; raises the failure where that is nothing, or too long ago."""
    if held is None or held.age >= held.ttl + wanted.stale_for:
        raise failure
    return msgspec.structs.replace(held, stale_reason=failure)


def _decode_entry(held: bytes | None) -> StoredEntry | None:
    if held is None:
        return None
    try:
        return msgspec.msgpack.decode(held, type=StoredEntry)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
