"""The keys of an issuer, fetched when they are needed and kept while the issuer cannot be reached."""

import asyncio
from typing import Protocol

import structlog

from providers.deadline import loop_time
from providers.transport.environment import InvalidVariableError
from server.config.access import JwtSettings

from .errors import KeysUnavailable
from .fetch import FetchError, JwksFetcher
from .key_set import KeySet

MAX_AGE_SECONDS = 600.0  # keys that are older are fetched again, beside the requests
UNKNOWN_KEY_SECONDS = 10.0  # between two fetches because of an unknown key: anyone can invent its id
RETRY_SECONDS = 2.0  # after a fetch that failed
_log = structlog.get_logger()


class IssuerKeys(Protocol):
    """Where the keys of an issuer come from."""

    async def current(self, kid: str | None) -> KeySet:
        """Return the keys of the issuer, fetched again if no key has this id. Raises KeysUnavailable."""

    async def close(self) -> None: ...


class FileKeys:
    """Keys from a file. A changed file comes with new settings."""

    def __init__(self, settings: JwtSettings, content: bytes) -> None:
        self._keys = KeySet.parse(content, settings.algorithms)

    async def current(self, _: str | None) -> KeySet:
        return self._keys

    async def close(self) -> None: ...


class RemoteKeys:
    """Keys from the issuer. One fetch serves all requests that wait for it."""

    def __init__(self, settings: JwtSettings) -> None:
        self._fetcher, self._algorithms = JwksFetcher(settings), settings.algorithms
        self._keys: KeySet | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._expires_at = self._next_try = self._next_search = 0.0  # instants on the loop's clock
        self._start(loop_time())

    async def current(self, kid: str | None) -> KeySet:
        now = loop_time()
        if self._keys is None:
            await self._wait(now)
        elif not self._keys.knows(kid) and (self._fetching or now >= self._next_search):
            self._next_search = now + UNKNOWN_KEY_SECONDS
            await self._wait(now)
        elif now >= self._expires_at:
            self._start(now)
        if self._keys is None:
            raise KeysUnavailable
        return self._keys

    async def close(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])
        await self._fetcher.close()

    async def _wait(self, now: float) -> None:
        self._start(now)
        if self._fetching is not None:
            await asyncio.wait([self._fetching])  # a request that is cancelled does not end the fetch of the others

    def _start(self, now: float) -> None:
        """Start a fetch, unless one is running or has failed just now."""
        if self._fetching is None and now >= self._next_try:
            self._fetching = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        """Replace the keys. After a failure the previous ones stay in use."""
        try:
            self._keys = KeySet.parse(await self._fetcher.fetch(), self._algorithms)
            self._expires_at = loop_time() + MAX_AGE_SECONDS
            if not len(self._keys):
                _log.warning("The issuer has no key for the accepted algorithms.", algorithms=self._algorithms)
        except (FetchError, ValueError, InvalidVariableError) as error:
            self._next_try = loop_time() + RETRY_SECONDS
            _log.warning("The keys of the issuer could not be fetched.", cause=str(error), kept=self._keys is not None)
        finally:
            self._fetching = None
