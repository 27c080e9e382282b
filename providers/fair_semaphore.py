"""A semaphore that divides its slots fairly between callers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

Waiter = asyncio.Future[None]


class FairSemaphore:
    """Lets at most `max_slots` tasks in at once; the others wait.

    A free slot goes to the waiting caller that holds the fewest, and among equal ones to the caller whose turn is
    longest ago. The requests of one caller take turns, and the tasks of one request enter in order of arrival.

    `max_multiple`: some slots stay free for callers that come later: a caller takes a slot only while it holds fewer
    than so many times the free ones (the dynamic threshold of Choudhury and Hahne). None: a caller may take all.
    """

    def __init__(self, max_slots: int, max_multiple: int | None = None) -> None:
        self.max_slots, self._max_multiple = max_slots, max_multiple
        self._taken = 0
        self._held: Counter[str] = Counter()  # slots by caller
        # By caller, and by request of that caller. The one that had its turn last is the last.
        self._queues: dict[str, dict[object, dict[Waiter, None]]] = {}

    @property
    def taken(self) -> int:
        """The number of slots that are held."""
        return self._taken

    @property
    def waiting(self) -> int:
        """The number of tasks that wait for a slot."""
        return sum(len(queue) for queues in self._queues.values() for queue in queues.values())

    @asynccontextmanager
    async def hold(self, caller: str, request: object = None) -> AsyncIterator[None]:
        """Hold a slot of a caller, after waiting for it. `request`: any object that stands for one of its requests."""
        if not self.take_now(caller):
            await self.wait(caller, request)
        try:
            yield
        finally:
            self.release(caller)

    def take_now(self, caller: str) -> bool:
        """Take a slot for a caller if there is one for it. Returns whether there was."""
        may_take = self._may_take(caller)
        if may_take:
            self._take(caller)
        return may_take

    async def wait(self, caller: str, request: object = None) -> None:
        """Wait for a slot, which `release` takes for this task."""
        waiter: Waiter = asyncio.get_running_loop().create_future()
        self._queues.setdefault(caller, {}).setdefault(request, {})[waiter] = None
        try:
            await waiter
        except BaseException:
            if waiter.cancelled():
                self._leave(caller, request, waiter)
            else:  # the slot and the end of the wait arrive together
                self.release(caller)
            raise

    def _may_take(self, caller: str) -> bool:
        free = self.max_slots - self._taken
        return free > 0 and (self._max_multiple is None or self._held[caller] < self._max_multiple * free)

    def _take(self, caller: str) -> None:
        self._taken += 1
        self._held[caller] += 1

    def _leave(self, caller: str, request: object, waiter: Waiter) -> None:
        queues = self._queues.get(caller, {})
        queue = queues.get(request, {})
        queue.pop(waiter, None)
        if not queue:
            queues.pop(request, None)
        if not queues:
            self._queues.pop(caller, None)

    def release(self, caller: str) -> None:
        """Free the slot of a caller, and let the next waiting tasks in, of callers that may take a slot."""
        self._taken -= 1
        self._held[caller] -= 1
        if not self._held[caller]:
            del self._held[caller]
        while self._queues:
            next_caller = min(self._queues, key=self._held.__getitem__)
            if not self._may_take(next_caller):  # so no other one may
                return
            waiter = self._pop(next_caller)
            if not waiter.done():  # else its task was cancelled a moment ago
                self._take(next_caller)
                waiter.set_result(None)

    def _pop(self, caller: str) -> Waiter:
        """Remove and return the next waiter of a caller. The caller, and the request, then are the last ones."""
        queues = self._queues.pop(caller)
        request = next(iter(queues))
        queue = queues.pop(request)
        waiter = next(iter(queue))
        del queue[waiter]
        if queue:
            queues[request] = queue
        if queues:
            self._queues[caller] = queues
        return waiter
