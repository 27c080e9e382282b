"""Commands of a store that may fail: each has a timeout, and none is sent while the store is unreachable."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from typing import Any, NamedTuple

import structlog

COMMAND_TIMEOUT = 2.0  # seconds for one command; a busy event loop sees a response late
RECONNECT_INTERVAL = 1.0  # seconds between two probes of an unreachable store
_log = structlog.get_logger()


class Reports(NamedTuple):
    """What the log says when a store cannot be used any more, and when it can be used again."""

    lost: str
    restored: str
    reason: Callable[[Exception], str] = lambda error: type(error).__name__  # it must not contain an address


class Guard:
    """Runs the commands of one store.

    A command that fails returns a fallback and makes the store unreachable. Commands then return their fallback at
    once, and a background task probes the store until it can be used.
    """

    def __init__(
        self,
        reports: Reports,
        probe: Callable[[], Awaitable[None]],
        failures: tuple[type[Exception], ...],
        max_commands: int,
        is_harmless: Callable[[Exception], bool] = lambda _: False,
    ) -> None:
        """`is_harmless`: whether a failure concerns one value only, and so does not make the store unreachable."""
        self._reports, self._probe, self._is_harmless = reports, probe, is_harmless
        self._failures: tuple[type[Exception], ...] = (TimeoutError, *failures)
        self._concurrency = asyncio.Semaphore(max_commands)
        self._reconnecting: asyncio.Task[None] | None = None
        self.is_reachable = True

    async def run(self, command: Callable[[], Awaitable[Any]], fallback: object) -> Any:
        """Run a command with a timeout. Returns `fallback` if the command fails or the store is unreachable."""
        async with self._concurrency:
            if not self.is_reachable:
                return fallback
            try:
                async with asyncio.timeout(COMMAND_TIMEOUT):
                    return await command()
            except self._failures as error:
                if not self._is_harmless(error):
                    self._mark_unreachable(error)
                return fallback

    async def ping(self) -> bool:
        """Probe the store and return whether it can be used."""
        await self.run(self._probe, None)
        return self.is_reachable

    async def close(self) -> None:
        """Stop probing."""
        if self._reconnecting is not None:
            self._reconnecting.cancel()
            await asyncio.wait([self._reconnecting])

    def _mark_unreachable(self, error: Exception) -> None:
        if self.is_reachable:
            self.is_reachable = False
            _log.warning(self._reports.lost, reason=self._reports.reason(error))
            self._reconnecting = asyncio.get_running_loop().create_task(self._reconnect(), context=Context())

    async def _reconnect(self) -> None:
        while not self.is_reachable:
            await asyncio.sleep(RECONNECT_INTERVAL)
            with suppress(*self._failures):
                async with asyncio.timeout(COMMAND_TIMEOUT):
                    await self._probe()
                self.is_reachable = True
        _log.warning(self._reports.restored)
