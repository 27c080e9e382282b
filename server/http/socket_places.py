"""Places for WebSockets: those of authenticated callers are divided fairly, and those of others cannot take them."""

import asyncio
from contextlib import ExitStack
from types import TracebackType

from server.operations.admission import Overloaded
from server.operations.fair_slots import Ending, FairSlots

from .websocket_messages import TRY_LATER, CloseSession


class TooManySockets(CloseSession):
    """There is no place for a WebSocket, or another one has taken it."""

    def __init__(self) -> None:
        super().__init__(TRY_LATER, "Too many WebSockets are open: try again later.")


class SocketPlaces:
    """The places of one service.

    A WebSocket waits outside until its caller is authenticated. If too many wait, the one that has waited longest
    ends: a client that authenticates at once is not hindered by clients that never do.
    """

    def __init__(self) -> None:
        self.taken = FairSlots(0)
        self.waiting: dict[Ending, None] = {}  # the longest wait first

    def enter(self, most: int) -> "SocketPlace":
        """Return a place to wait. `most`: authenticated WebSockets, and waiting ones, from now on."""
        self.taken.max_slots = most
        while len(self.waiting) >= most:
            oldest = next(iter(self.waiting))
            del self.waiting[oldest]
            oldest.set_result(None)
        place = SocketPlace(self)
        self.waiting[place.ending] = None
        return place


class SocketPlace:
    """The place of one WebSocket. `ending` is done when the WebSocket must make room for another one."""

    def __init__(self, places: SocketPlaces) -> None:
        self._places, self._slot = places, ExitStack()
        self.ending: Ending = asyncio.get_running_loop().create_future()

    def take(self, caller: str) -> None:
        """Stop waiting: the caller is authenticated. Raises TooManySockets if there is no place for it."""
        if self.ending.done():
            raise TooManySockets
        del self._places.waiting[self.ending]
        try:
            self._slot.enter_context(self._places.taken.hold(caller, self.ending))
        except Overloaded:
            raise TooManySockets from None

    def __enter__(self) -> "SocketPlace":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._places.waiting.pop(self.ending, None)
        self._slot.close()
