"""A token bucket that several instances share."""

from providers.transport.rate_limit import MAX_TRANSIT_SECONDS, TokenBucket

from .store import Rate, RedisStore


class RedisTokenBucket(TokenBucket):
    """The same for all instances over one store; each keeps its own count for when the store is away."""

    def __init__(self, rate: float, burst: int, store: RedisStore, name: str, workers: int = 1) -> None:
        self._store, self._name = store, name
        super().__init__(rate, burst, workers)

    @property
    def _parts(self) -> int:
        return 1 if self._store.reachable else self._workers

    async def _wait(self, call: str) -> float:
        wait = await self._store.take(self._name, Rate(*self.limits, MAX_TRANSIT_SECONDS), call)
        if wait is None:
            return await super()._wait(call)
        if wait:  # others took what seemed to be there
            self._tokens = min(self._refill(), 1 - wait * self.rate)
        return wait

    def _arrived(self, call: str) -> None:
        if call in self._in_transit:
            self._store.release(self._name, Rate(*self.limits, MAX_TRANSIT_SECONDS), call)
        super()._arrived(call)
