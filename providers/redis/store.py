"""A Redis or Valkey that several instances share: entries, leases and rates. When it is gone, nothing is shared."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import structlog
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from . import scripts

PREFIX = "invoicegraph:2:"  # the number is the format's: an older instance never reads a newer one's entries
LEASE_SECONDS = 5.0  # seconds after which the lease of an instance that died is free; longer than a busy loop stalls
COMMAND_TIMEOUT = 2.0  # seconds for one command; a loop under load is slow to see that the answer is there
RECONNECT_INTERVAL = 1.0  # seconds between two looks at a store that failed
MAX_CONNECTIONS = 32  # commands, each on a connection; that the next ones wait is no failure of the store
MAX_TTL_SECONDS = 10 * 366 * 24 * 60 * 60.0  # seconds that an entry is kept
_log = structlog.get_logger()


class StoreProtocolError(Exception):
    """What answers there is no Redis, or none that does what it is told."""


@dataclass(slots=True)
class Lease:
    """Whether it was to be had, and what its holder leaves to the others: an entry, and for how many seconds."""

    is_held: bool
    payload: tuple[bytes, float] | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """A burst, then so many calls a second, each of which travels for so many seconds at most."""

    per_second: float
    burst: int
    transit_seconds: float


class RedisStore:
    """Every command is bounded; one that fails answers like an empty store, and no other waits for it.

    What failed is looked at in the background until it can be written to again: a store that is full, or may only be
    read, is no better than one that is away.
    """

    def __init__(self, url: SecretStr) -> None:
        self._redis: Redis = Redis.from_url(
            url.get_secret_value(),
            socket_timeout=COMMAND_TIMEOUT,
            socket_connect_timeout=COMMAND_TIMEOUT,
            max_connections=MAX_CONNECTIONS + 1,  # and the one that looks for its return
        )
        self._concurrency = asyncio.Semaphore(MAX_CONNECTIONS)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._reconnecting: asyncio.Task[Any] | None = None
        self.reachable = True

    async def get(self, name: str) -> bytes | None:
        held = await self._guarded(lambda: self._redis.get(PREFIX + name), None)
        return held if isinstance(held, bytes) else None

    async def ping(self) -> bool:
        """Whether it can be used now."""
        await self._guarded(self._probe, None)
        return self.reachable

    async def take(self, name: str, rate: Rate, call: str) -> float | None:
        """Takes a token for a call: 0, or the seconds until there is one; null when the store is away."""
        wait = await self._guarded(lambda: self._of_rate(scripts.TAKE, name, rate, call), None)
        return None if wait is None else max(0, wait) / 1_000_000

    def release(self, name: str, rate: Rate, call: str) -> None:
        """The token of a call that is under way no more may come back; nobody waits for that."""
        self._in_background(self._guarded(lambda: self._of_rate(scripts.ARRIVED, name, rate, call), None))

    @asynccontextmanager
    async def lease(self, name: str) -> AsyncIterator[Lease]:
        """For one holder at a time, while it lives; for anybody when the store is away. Nobody waits for its end."""
        key, token = f"lease:{name}", token_hex(8)
        lease = Lease(is_held=True)
        try:
            lease.is_held = (
                await self._guarded(lambda: self._run(scripts.LEASE, (key,), token, _ms(LEASE_SECONDS)), 1) == 1
            )
        except asyncio.CancelledError:  # it may have been given all the same
            self._in_background(self._release(name, key, token, lease))
            raise
        if not lease.is_held:
            yield lease
            return
        renewal = asyncio.create_task(self._renew(key, token))
        try:
            yield lease
        finally:
            renewal.cancel()
            self._in_background(self._release(name, key, token, lease))

    async def close(self) -> None:
        """Once what is left to write is written."""
        if self._reconnecting is not None:
            self._reconnecting.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(Exception):  # it is let go in any case
            await self._redis.aclose()

    def _in_background(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _renew(self, key: str, token: str) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            await self._guarded(lambda: self._run(scripts.RENEW, (key,), token, _ms(LEASE_SECONDS)), None)

    async def _release(self, name: str, key: str, token: str, lease: Lease) -> None:
        if lease.payload is not None:
            value, seconds = lease.payload
            await self._guarded(lambda: self._redis.set(PREFIX + name, value, px=_ms(seconds)), None)
        await self._guarded(lambda: self._run(scripts.RELEASE, (key,), token), None)

    async def _of_rate(self, script: str, name: str, rate: Rate, call: str) -> int:
        keys = f"rate:{name}", f"under way:{name}"
        return await self._run(script, keys, rate.per_second, rate.burst, int(rate.transit_seconds * 1_000_000), call)

    async def _run(self, script: str, names: tuple[str, ...], *arguments: str | float) -> int:
        """What a script answers."""
        answer = await self._redis.eval(script, len(names), *(PREFIX + name for name in names), *arguments)
        if not isinstance(answer, int):
            raise StoreProtocolError
        return answer

    async def _probe(self) -> None:
        token = token_hex(8)
        if await self._redis.eval(scripts.PROBE, 1, PREFIX + "probe", token) != token.encode():
            raise StoreProtocolError

    async def _guarded(self, command: Callable[[], Awaitable[Any]], otherwise: object) -> Any:
        async with self._concurrency:
            if not self.reachable:
                return otherwise
            try:
                async with asyncio.timeout(COMMAND_TIMEOUT):
                    return await command()
            except Exception as error:  # noqa: BLE001 (what stands there may say anything, and the client trips over it)
                if not is_wrong_type(error):
                    self._mark_unreachable(error)
                return otherwise

    def _mark_unreachable(self, why: Exception) -> None:
        if self.reachable:
            self.reachable = False
            _log.warning("the shared cache is gone; own memory serves", reason=type(why).__name__)
            self._reconnecting = self._in_background(self._reconnect())

    async def _reconnect(self) -> None:
        while not self.reachable:
            await asyncio.sleep(RECONNECT_INTERVAL)
            with suppress(Exception):
                async with asyncio.timeout(COMMAND_TIMEOUT):
                    await self._probe()
                self.reachable = True
        _log.warning("the shared cache is back")


def is_wrong_type(error: Exception) -> bool:
    """Whether a key holds a thing of another kind, which is as good as nothing."""
    return isinstance(error, ResponseError) and str(error).startswith("WRONGTYPE")


def _ms(seconds: float) -> int:
    return max(1, int(min(seconds, MAX_TTL_SECONDS) * 1000))
