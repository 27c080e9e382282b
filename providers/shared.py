"""What several instances share through one store: an answer that one of them fetched serves all of them.

One instance fetches, the others wait for it, or take over when it dies. Entries hold wire answers, never
credentials; what cannot be read, is of another format, or belongs to somebody else is as good as nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from .api import call_deadline
from .errors import ProviderError
from .store import Store
from .tape import Answered, Tape, tape

T = TypeVar("T")
_LOOK = 0.05  # seconds between two looks at what another instance is fetching


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One question's answers, when they were read, and for how many seconds they stand."""

    question: str
    read_at: float  # seconds since 1970, by the clock of the instance that read them
    seconds: float
    answers: list[Answered]

    @property
    def age(self) -> float:
        return max(0.0, time.time() - self.read_at)


@dataclass(frozen=True, slots=True)
class Had(Generic[T]):
    """An answer, its age in seconds, and, where its provider failed, why it is old."""

    value: T
    age: float = 0.0
    stale_because: ProviderError | None = None


class Shared:
    """Asks a source once for all instances."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def ask(
        self,
        question: str,
        ask: Callable[[], Awaitable[T]],
        seconds: Callable[[T], float | None],
        stale_for: float,
        *,
        through: bool = False,
    ) -> Had[T]:
        """The shared answer while it is fresh, unless `through`; else a fetched one, else the old one."""
        async with asyncio.timeout_at(call_deadline()):
            while True:
                entry = None if through else await self._fresh(question)
                if entry is not None:
                    return Had(await _played(entry, ask), entry.age)
                async with self._store.lease(question) as mine:
                    # Between the look and the lease another instance may have been here.
                    if mine and (through or await self._fresh(question) is None):
                        return await self._fetch(question, ask, seconds, stale_for)
                if not mine:
                    await asyncio.sleep(_LOOK)

    async def _fresh(self, question: str) -> Entry | None:
        entry = await self._entry(question)
        return entry if entry is not None and entry.age < entry.seconds else None

    async def _fetch(
        self,
        question: str,
        ask: Callable[[], Awaitable[T]],
        seconds: Callable[[T], float | None],
        stale_for: float,
    ) -> Had[T]:
        recorded = Tape()
        tape.set(recorded)
        try:
            value = await ask()
        except ProviderError as failure:
            old = await self._entry(question)
            if old is None or old.age >= old.seconds + stale_for:
                raise
            return Had(await _played(old, ask), old.age, failure)
        stands = seconds(value)
        if stands is not None and recorded.answers:
            entry = Entry(question, time.time(), stands, recorded.answers)
            await self._store.put(question, msgspec.msgpack.encode(entry), stands + stale_for)
        return Had(value)

    async def _entry(self, question: str) -> Entry | None:
        held = await self._store.get(question)
        if held is None:
            return None
        try:
            entry = msgspec.msgpack.decode(held, type=Entry)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        return entry if entry.question == question else None


async def _played(entry: Entry, ask: Callable[[], Awaitable[T]]) -> T:
    """The source's own translation of what is on the tape; nobody is asked."""
    tape.set(Tape(entry.answers))
    return await ask()
