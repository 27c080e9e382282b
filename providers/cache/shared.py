"""What several instances share through one store: an answer that one of them fetched serves all of them.

One instance fetches, the others wait for it, or take over when it dies. Entries hold wire answers, never
credentials; what cannot be read, is of another format, or belongs to somebody else is as good as nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import msgspec

from providers.account import Owner
from providers.deadline import call_deadline
from providers.errors import NotFound, ProviderError, TimedOut
from providers.redis.store import Lease, Store
from providers.transport.recording import Answered, Tape, tape
from schema.invoice import Invoice, InvoiceStatus

T = TypeVar("T")
_LOOK, _LONGEST_LOOK = 0.05, 0.4  # seconds between two looks at what another instance is fetching: ever more
_SKEW = 5.0  # seconds by which clocks of instances may differ; what was read later than that is no answer of theirs


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One question's answers, and when they were read."""

    question: str
    read_at: float  # seconds since 1970, by the clock of the instance that read them
    answers: list[Answered]


class Had(msgspec.Struct, Generic[T], frozen=True):
    """An answer, its age in seconds, for how many it stands, and, where its provider failed, why it is old."""

    value: T
    age: float = 0.0
    seconds: float = 0.0
    stale_because: ProviderError | None = None


class Question(msgspec.Struct, Generic[T], frozen=True):
    """One resource of a source."""

    key: str
    owner: Owner
    ask: Callable[[], Awaitable[T]]
    seconds: Callable[[T], float | None]  # for which an answer stands; null: not to be remembered
    stale_for: float


class Shared:
    """Asks a source once for all instances."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def ask(self, wanted: Question[T], within: float = 1.0) -> Had[T]:
        """The shared answer, if no older than that part of its time; else a fetched one, else the old one.

        For how long an answer stands is for each instance to say.
        """
        until, pause = call_deadline(), _LOOK
        while True:
            held = await self._held(wanted)
            if held is not None and held.age < within * held.seconds:
                return held
            async with self._store.lease(wanted.key) as lease:
                if lease.mine:
                    return await self._as_holder(wanted, within, lease)
            left = until - asyncio.get_running_loop().time()
            if left <= 0:  # another instance waits for the provider, and so did we
                return _old(wanted, held, TimedOut(wanted.owner))
            await asyncio.sleep(min(pause, left))
            pause = min(1.5 * pause, _LONGEST_LOOK)

    async def _as_holder(self, wanted: Question[T], within: float, lease: Lease) -> Had[T]:
        held = await self._held(wanted)  # between the look and the lease another instance may have been here
        if held is not None and held.age < within * held.seconds:
            return held
        recorded = Tape()
        tape.set(recorded)
        try:
            value = await wanted.ask()
            if value is None and held is not None and is_posted(held.value):
                raise NotFound(wanted.owner)
        except ProviderError as failure:
            return _old(wanted, held, failure)
        seconds = wanted.seconds(value)
        if seconds is not None and recorded.answers:
            entry = Entry(wanted.key, time.time(), recorded.answers)
            lease.left = msgspec.msgpack.encode(entry), seconds + wanted.stale_for
        return Had(value, 0.0, seconds or 0.0)

    async def _held(self, wanted: Question[T]) -> Had[T] | None:
        """What the store has, as the source itself translates it; nobody is asked."""
        entry = _read(await self._store.get(wanted.key))
        if entry is None or entry.question != wanted.key:
            return None
        age = time.time() - entry.read_at
        if not age > -_SKEW:
            return None
        tape.set(Tape(entry.answers, whole=True))
        try:
            value = await wanted.ask()
        except Exception:  # noqa: BLE001 (whatever is wrong with it, it is as good as nothing)
            return None
        return Had(value, max(0.0, age), wanted.seconds(value) or 0.0)


def is_posted(answer: object) -> bool:
    """Whether it is a bill that does not go away: its provider fails where it says so."""
    return isinstance(answer, Invoice) and answer.status is InvoiceStatus.ISSUED


def _old(wanted: Question[T], held: Had[T] | None, failure: ProviderError) -> Had[T]:
    """What was read before; raises the failure where that is nothing, or too long ago."""
    if held is None or held.age >= held.seconds + wanted.stale_for:
        raise failure
    return msgspec.structs.replace(held, stale_because=failure)


def _read(held: bytes | None) -> Entry | None:
    if held is None:
        return None
    try:
        return msgspec.msgpack.decode(held, type=Entry)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
