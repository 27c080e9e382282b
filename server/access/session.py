"""The caller of a connection, for as long as its credential stays valid."""

import asyncio
from contextlib import suppress

from .authenticator import Authenticator
from .caller import ANONYMOUS
from .credentials import Credentials
from .errors import Unauthenticated


class CallerSession:
    """A connection of one caller. It expires when its credential expires, is revoked, or gets other grants."""

    def __init__(self, authenticator: Authenticator, credentials: Credentials) -> None:
        self._authenticator, self._credentials = authenticator, credentials
        self._expired = asyncio.Event()
        self.caller, self.is_started = ANONYMOUS, False

    @property
    def peer(self) -> str | None:
        return self._credentials.peer

    async def start(self, payload: object) -> None:
        """Authenticate the caller. `payload`: that of `connection_init`. Raises Unauthenticated or KeysUnavailable."""
        self._credentials = self._credentials.with_payload(payload)
        self.caller = await self._authenticator.authenticate(self._credentials)
        self.is_started = True

    async def check(self) -> None:
        """Raise Unauthenticated, and end the session, if its credential is no longer valid."""
        try:
            await self._authenticator.check(self._credentials, self.caller)
        except Unauthenticated:
            self._expired.set()
            raise

    async def wait_until_expired(self, interval_seconds: float) -> None:
        """Wait until the session has expired. It is checked after each interval, even if nothing else happens."""
        while not self._expired.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(interval_seconds):
                    await self._expired.wait()
            if self.is_started:
                with suppress(Unauthenticated):
                    await self.check()
