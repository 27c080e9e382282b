"""Authentication: finds out who sends a request, by the methods that are configured."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from server.config.access import NO_ACCESS_CONTROL, AccessSettings, JwtSettings

from .caller import ANONYMOUS, Caller
from .credentials import Credentials
from .errors import KeysUnavailable, Unauthenticated
from .gateway import Gateway
from .keys import PREFIX, ApiKeys

if TYPE_CHECKING:
    from .tokens import Tokens

_log = structlog.get_logger()


class Authenticator:
    """The methods of authentication that are configured now. Without one, every caller is ANONYMOUS."""

    def __init__(self, settings: AccessSettings = NO_ACCESS_CONTROL) -> None:
        self._tokens: Tokens | None = None
        self._closing = set[asyncio.Task[None]]()  # connections to issuers of earlier settings
        self._configure(settings)

    def _configure(self, settings: AccessSettings) -> None:
        self.settings, self._has_methods = settings, settings.has_methods
        self._keys = ApiKeys(settings.all_keys) if settings.keys or settings.keys_file else None
        self._gateway = Gateway(settings.gateway) if settings.gateway else None
        if self._tokens is None or self._tokens.settings != settings.jwt:
            self._tokens = _open_tokens(settings.jwt) if settings.jwt else None

    def apply_settings(self, settings: AccessSettings) -> None:
        """Use these settings from now on. The keys of an issuer whose settings stay the same are kept."""
        previous = self._tokens
        self._configure(settings)
        if previous is not None and previous is not self._tokens:
            closing = asyncio.create_task(previous.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        if self._tokens is not None:
            await self._tokens.close()

    async def authenticate(self, credentials: Credentials) -> Caller:
        """Return the caller. Raises Unauthenticated, or KeysUnavailable if no token can be checked yet.

        The log has the cause of a refusal.
        """
        if not self._has_methods:
            return ANONYMOUS
        try:
            return await self._identify(credentials)
        except Unauthenticated as refusal:
            _log.warning("A request was not authenticated.", cause=refusal.cause, peer=credentials.peer)
            raise

    async def check(self, credentials: Credentials, caller: Caller) -> None:
        """Raise Unauthenticated unless the credentials still authenticate this caller, with the same grants."""
        try:
            current = await self.authenticate(credentials)
        except KeysUnavailable:
            current = None
        if current != caller:
            raise Unauthenticated("the credential of a connection leads to another caller or other grants")

    async def _identify(self, credentials: Credentials) -> Caller:
        """Return the caller. A key or a token decides; without one, the gateway does."""
        key, token = self._presented(credentials)
        if key is not None and self._keys is not None:
            return self._keys.caller(key)
        if token is not None and self._tokens is not None:
            return await self._tokens.caller(token)
        caller = self._gateway.caller(credentials) if self._gateway is not None else None
        if caller is None:
            raise Unauthenticated("the request has no credential of a configured method")
        return caller

    def _presented(self, credentials: Credentials) -> tuple[bytes | None, bytes | None]:
        """Return the API key and the token of a request, of the methods that are configured.

        Raises Unauthenticated if it presents both, or two API keys.
        """
        authorization, key = credentials.personal()
        bearer, key = _bearer(authorization), None if self._keys is None else key
        if bearer is not None and self._keys is not None and (self._tokens is None or bearer.startswith(PREFIX)):
            if key is not None:
                raise Unauthenticated("the request presents two API keys")
            return bearer, None
        token = None if self._tokens is None else bearer
        if key is not None and token is not None:
            raise Unauthenticated("the request presents an API key and a token")
        return key, token


def _open_tokens(settings: JwtSettings) -> "Tokens":
    from .tokens import Tokens  # noqa: PLC0415 (its library takes 40 ms, and few use it)

    return Tokens(settings)


def _bearer(authorization: bytes | None) -> bytes | None:
    """Return what follows `Bearer` in the header Authorization, or None if the header has another scheme."""
    scheme, _, value = (authorization or b"").partition(b" ")
    return value.strip() if scheme.lower() == b"bearer" else None
