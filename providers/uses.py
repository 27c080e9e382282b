"""What one request was given from a memory: what is made of it stands as long as that does."""

import math
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .memory import Memory

EARLY = 0.9  # of its freshness, after which an answer that is still wanted is read again in the background


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
        self._until = min(self._until, entry.read_at + EARLY * entry.fresh_for)

    @property
    def stand(self) -> bool:
        """Whether all of it is what the memory would give now."""
        return self._clock() < self._until and all(memory.holds(key, mark) for memory, key, mark in self._given)


# What the request that is being answered is given; none where nobody wants to know.
uses: ContextVar[Uses | None] = ContextVar("uses", default=None)
