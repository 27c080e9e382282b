"""A token bucket that several instances share."""

from providers.transport.rate_limit import MAX_TRANSIT_SECONDS, TokenBucket

from .store import Rate, RedisStore


class RedisTokenBucket(TokenBucket):
    """A token bucket that all instances with the same store share.

    Each instance also counts its own calls, and uses that count while the store is unreachable.
    """

    def __init__(self, rate: float, burst: int, store: RedisStore, name: str, workers: int = 1) -> None:
        self._store, self._name = store, name
        super().__init__(rate, burst, workers)

    @property
    def _worker_divisor(self) -> int:
        """1 while the store counts the calls of all processes."""
        return 1 if self._store.is_reachable else self._workers

    async def _try_take(self, call_id: str) -> float:
        wait = await self._store.take_token(self._name, Rate(*self.limits, MAX_TRANSIT_SECONDS), call_id)
        if wait is None:
            return await super()._try_take(call_id)
        if wait:  # other instances took the tokens that the local count still has
            self._tokens = min(self._refill(), 1 - wait * self.rate)
        return wait

    def _mark_arrived(self, call_id: str) -> None:
        if call_id in self._in_transit:
            self._store.end_transit(self._name, Rate(*self.limits, MAX_TRANSIT_SECONDS), call_id)
        super()._mark_arrived(call_id)
