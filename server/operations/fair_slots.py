"""Slots that are held for long, such as those of streams, divided fairly between callers."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from .admission import Overloaded

Ending = asyncio.Future[None]  # done when the holder of a slot must end, because another caller has taken it


class FairSlots:
    """At most `max_slots` slots. A caller that is alone may hold all of them.

    If all are taken, a caller takes the newest slot of the one that holds the most, unless it holds nearly as many.
    """

    def __init__(self, max_slots: int) -> None:
        self.max_slots, self.taken = max_slots, 0
        self._endings: dict[str, dict[Ending, None]] = {}  # of the held slots, by caller, oldest first

    @contextmanager
    def hold(self, caller: str, ending: Ending | None = None) -> Iterator[Ending]:
        """Hold a slot, and yield the future of its ending. Raises Overloaded if there is none for this caller."""
        if self.taken >= self.max_slots:
            self._end_one_for(caller)
        ending = ending or asyncio.get_running_loop().create_future()
        self.taken += 1
        self._endings.setdefault(caller, {})[ending] = None
        try:
            yield ending
        finally:
            if not ending.done():
                self._free(caller, ending)

    def _end_one_for(self, caller: str) -> None:
        """End the newest slot of the caller with the most. Raises Overloaded unless that evens out their numbers."""
        most = max(self._endings, key=lambda each: len(self._endings[each]), default=caller)
        if len(self._endings.get(most, ())) <= len(self._endings.get(caller, ())) + 1:
            raise Overloaded
        ending = next(reversed(self._endings[most]))
        self._free(most, ending)
        ending.set_result(None)

    def _free(self, caller: str, ending: Ending) -> None:
        self.taken -= 1
        del self._endings[caller][ending]
        if not self._endings[caller]:
            del self._endings[caller]
