"""A Redis or Valkey that several instances share: entries, leases and rates. When it is gone, nothing is shared."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from secrets import token_hex
from typing import Any

import structlog
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import RedisError

PREFIX = "invoicegraph:1:"  # the number is the format's: an older instance never reads a newer one's entries
LEASE = 5.0  # seconds after which the lease of an instance that died is free; longer than a busy loop stalls
_PATIENCE = 2.0  # seconds for one command; a loop under load is slow to see that the answer is there
_AWAY = 1.0  # seconds for which a store that failed is left alone
_log = structlog.get_logger()

_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
_RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"
# A token bucket on the store's own clock; answers the microseconds until a token is there, 0 when it was taken.
_TAKE = """
local now = redis.call('time')
local at = now[1] * 1000000 + now[2]
local rate, burst = tonumber(ARGV[1]) / 1000000, tonumber(ARGV[2])
local held = redis.call('hmget', KEYS[1], 'tokens', 'at')
local tokens = burst
if held[1] then tokens = math.min(burst, tonumber(held[1]) + (at - tonumber(held[2])) * rate) end
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) / rate) end
redis.call('hset', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(at))
redis.call('pexpire', KEYS[1], math.ceil(burst / rate / 1000) + 1000)
return wait
"""


class Store:
    """Every command is bounded; one that fails answers like an empty store, and the next ones do not wait for it."""

    def __init__(self, url: SecretStr) -> None:
        self._redis: Redis = Redis.from_url(
            url.get_secret_value(), socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE
        )
        self._away_until = 0.0
        self.reachable = True

    async def get(self, name: str) -> bytes | None:
        held = await self._try(lambda: self._redis.get(PREFIX + name), None)
        return held if isinstance(held, bytes) else None

    async def put(self, name: str, value: bytes, seconds: float) -> None:
        await self._try(lambda: self._redis.set(PREFIX + name, value, px=max(1, int(seconds * 1000))), None)

    async def ping(self) -> bool:
        """Whether it answers now; asked by whoever wants to know, and so notices its return."""
        await self._try(self._redis.ping, None)
        return self.reachable

    async def take(self, name: str, rate: float, burst: int) -> float | None:
        """Takes a token: 0, or the seconds until there is one; null when the store is away."""
        wait = await self._try(lambda: self._redis.eval(_TAKE, 1, f"{PREFIX}rate:{name}", rate, burst), None)
        return None if wait is None else int(wait) / 1_000_000

    @asynccontextmanager
    async def lease(self, name: str) -> AsyncIterator[bool]:
        """True for one holder at a time, as long as it lives; also when the store is away."""
        key, mine = f"{PREFIX}lease:{name}", token_hex(8)
        if not await self._try(lambda: self._redis.set(key, mine, nx=True, px=_milliseconds(LEASE)), mine):
            yield False
            return
        renewal = asyncio.create_task(self._renew(key, mine))
        try:
            yield True
        finally:
            renewal.cancel()
            await self._try(lambda: self._redis.eval(_RELEASE, 1, key, mine), None)

    async def close(self) -> None:
        with suppress(RedisError, OSError):
            await self._redis.aclose()

    async def _renew(self, key: str, mine: str) -> None:
        while True:
            await asyncio.sleep(LEASE / 3)
            await self._try(lambda: self._redis.eval(_RENEW, 1, key, mine, _milliseconds(LEASE)), None)

    async def _try(self, command: Callable[[], Awaitable[Any]], otherwise: object) -> Any:
        if time.monotonic() < self._away_until:
            return otherwise
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await command()
        except (RedisError, OSError, TimeoutError):
            self._away_until = time.monotonic() + _AWAY
            self._note(reachable=False)
            return otherwise
        self._note(reachable=True)
        return answer

    def _note(self, *, reachable: bool) -> None:
        if reachable != self.reachable:
            self.reachable = reachable
            _log.warning("the shared cache is back" if reachable else "the shared cache is gone; own memory serves")


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
