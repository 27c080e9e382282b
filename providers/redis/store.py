"""A store in Redis or Valkey for entries, leases and token buckets. While it is unreachable, nothing is shared."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from pydantic import SecretStr
from redis.exceptions import RedisError, ResponseError

from providers.store.guard import COMMAND_TIMEOUT, Guard, Reports
from providers.store.protocol import MAX_TTL_SECONDS, Lease

from . import scripts
from .address import create_client

PREFIX = "invoicegraph:3:"  # with the version of the format: instances never read entries of another version
LEASE_SECONDS = 5.0  # seconds until the lease of a dead instance is free; longer than a busy event loop stalls
MAX_CONNECTIONS = 32  # concurrent commands, each on its own connection; further commands wait, which is no failure
# The last two: the client raises them for replies that are not in Redis' protocol or are nested too deeply.
_FAILURES = (RedisError, OSError, ValueError, RecursionError)
_REPORTS = Reports(
    lost="The shared cache is unreachable. Each process uses its own memory.",
    restored="The shared cache is reachable again.",
)


class StoreProtocolError(RedisError):
    """The server is not a Redis, or it does not execute commands correctly."""


@dataclass(frozen=True, slots=True)
class Rate:
    """The parameters of a token bucket. A call is in transit for at most `transit_seconds`."""

    per_second: float
    burst: int
    transit_seconds: float


class RedisStore:
    """A client of the shared store. Every command has a timeout.

    A command that fails returns the result of an empty store and makes the store unreachable. Commands then return such
    results at once, and a background task probes the store until it can be written to. A store that is full or
    read-only counts as unreachable too.
    """

    name, status = "shared cache", "shared"

    def __init__(self, url: SecretStr) -> None:
        """Raises InvalidAddressError if the URL is not valid."""
        self._redis = create_client(
            url,
            socket_timeout=COMMAND_TIMEOUT,
            socket_connect_timeout=COMMAND_TIMEOUT,
            max_connections=MAX_CONNECTIONS + 1,  # one more for the probe of the reconnect task
        )
        self._guard = Guard(_REPORTS, self._probe, _FAILURES, MAX_CONNECTIONS, is_wrong_type)
        self._guarded = self._guard.run
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def is_reachable(self) -> bool:
        return self._guard.is_reachable

    async def get(self, name: str) -> bytes | None:
        """Return the value of an entry. Returns None if there is none or the store is unreachable."""
        value = await self._guarded(lambda: self._redis.get(PREFIX + name), None)
        return value if isinstance(value, bytes) else None

    async def get_many(self, names: Sequence[str]) -> list[bytes | None]:
        """Return the values of entries. None stands for an entry that is absent, or for an unreachable store."""
        values = await self._guarded(lambda: self._redis.mget([PREFIX + name for name in names]), ()) if names else ()
        is_complete = isinstance(values, list) and len(values) == len(names)
        return [value if isinstance(value, bytes) else None for value in values] if is_complete else [None] * len(names)

    def put_many(self, values: Mapping[str, bytes], seconds: float) -> None:
        """Write entries with one TTL. Runs in the background."""
        self._in_background(self._put_many(values, seconds))

    async def ping(self) -> bool:
        return await self._guard.ping()

    async def take_token(self, name: str, rate: Rate, call_id: str) -> float | None:
        """Take a token for a call. Returns 0 if it was taken, otherwise the seconds until there is one.

        Returns None if the store is unreachable.
        """
        wait = await self._guarded(lambda: self._run_on_bucket(scripts.TAKE_TOKEN, name, rate, call_id), None)
        return None if wait is None else max(0, wait) / 1_000_000

    def end_transit(self, name: str, rate: Rate, call_id: str) -> None:
        """Let the bucket refill the token of a call that has arrived. Runs in the background."""
        self._in_background(self._guarded(lambda: self._run_on_bucket(scripts.END_TRANSIT, name, rate, call_id), None))

    @asynccontextmanager
    async def lease(self, name: str) -> AsyncIterator[Lease]:
        """Lease a key, which one instance holds at a time, and renew the lease until the context ends.

        Does not wait for a lease that another instance holds. If the store is unreachable, every caller gets it. The
        release runs in the background.
        """
        key, token = f"lease:{name}", token_hex(8)
        lease = Lease(is_held=True)
        try:
            lease.is_held = (
                await self._guarded(lambda: self._run(scripts.ACQUIRE_LEASE, (key,), token, _ms(LEASE_SECONDS)), 1) == 1
            )
        except asyncio.CancelledError:  # the store may have granted the lease already
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
        """Wait for the background writes and close the connections."""
        await self._guard.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(*_FAILURES):  # the connections are dropped in any case
            await self._redis.aclose()

    def _in_background(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _renew(self, key: str, token: str) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            await self._guarded(lambda: self._run(scripts.RENEW_LEASE, (key,), token, _ms(LEASE_SECONDS)), None)

    async def _release(self, name: str, key: str, token: str, lease: Lease) -> None:
        if lease.payload is not None:
            value, seconds = lease.payload
            await self._put_many({name: value}, seconds)
        await self._guarded(lambda: self._run(scripts.RELEASE_LEASE, (key,), token), None)

    async def _put_many(self, values: Mapping[str, bytes], seconds: float) -> None:
        async with self._redis.pipeline(transaction=False) as pipeline:
            for name, value in values.items():
                pipeline.set(PREFIX + name, value, px=_ms(seconds))
            await self._guarded(pipeline.execute, None)

    async def _run_on_bucket(self, script: str, name: str, rate: Rate, call_id: str) -> int:
        keys = f"rate:{name}", f"under way:{name}"
        transit = int(rate.transit_seconds * 1_000_000)
        return await self._run(script, keys, rate.per_second, rate.burst, transit, call_id)

    async def _run(self, script: str, names: tuple[str, ...], *arguments: str | float) -> int:
        """Run a script that returns an integer. Raises StoreProtocolError if it returns anything else."""
        result = await self._redis.eval(script, len(names), *(PREFIX + name for name in names), *arguments)
        if not isinstance(result, int):
            raise StoreProtocolError
        return result

    async def _probe(self) -> None:
        token = token_hex(8)
        if await self._redis.eval(scripts.PROBE, 1, PREFIX + "probe", token) != token.encode():
            raise StoreProtocolError


def is_wrong_type(error: Exception) -> bool:
    """Whether the error says that a key holds a value of another type. Such a value counts as absent."""
    return isinstance(error, ResponseError) and str(error).startswith("WRONGTYPE")


def _ms(seconds: float) -> int:
    return max(1, int(min(seconds, MAX_TTL_SECONDS) * 1000))
