"""A token bucket that several instances share."""

from providers.transport.rate_limit import TRAVEL, RateLimit

from .store import Rate, Store


class SharedRateLimit(RateLimit):
    """The same for all instances over one store; each keeps its own count for when the store is away."""

    def __init__(self, rate: float, burst: int, store: Store, name: str, workers: int = 1) -> None:
        self._store, self._name = store, name
        super().__init__(rate, burst, workers)

    @property
    def _parts(self) -> int:
        return 1 if self._store.reachable else self._workers

    async def _wait(self, call: str) -> float:
        wait = await self._store.take(self._name, Rate(*self.whole, TRAVEL), call)
        if wait is None:
            return await super()._wait(call)
        if wait:  # others took what seemed to be there
            self._tokens = min(self._count(), 1 - wait * self.rate)
        return wait

    def _arrived(self, call: str) -> None:
        if call in self._under_way:
            self._store.arrived(self._name, Rate(*self.whole, TRAVEL), call)
        super()._arrived(call)
