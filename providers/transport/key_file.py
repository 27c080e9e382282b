"""The client of an account whose key is in a file: a key that was replaced there is used without a restart."""

import asyncio
from collections.abc import Sequence
from functools import partial

import structlog

from providers.call import CallContext
from providers.errors import Unauthorized
from providers.observer import UNOBSERVED, CallObserver
from providers.settings import AccountSettings, KeyFile

from .carrier import Carrier
from .client import ApiClient, ApiResponse
from .rate_limit import TokenBucket

_log = structlog.get_logger()


def create_client(
    settings: AccountSettings,
    transport: Carrier,
    limit: TokenBucket | None = None,
    observer: CallObserver = UNOBSERVED,
) -> ApiClient:
    """Return the client of an account. A key in a file is read again after the provider refuses it."""
    key = settings.api_key
    if isinstance(key, KeyFile):
        return KeyFileClient(settings, transport, limit, observer, key)
    return ApiClient(settings, transport, limit, observer)


class KeyFileClient(ApiClient):
    """Reads the key file once more when the provider refuses the key, and repeats the call if the key differs.

    The configuration is reloaded within a second after the file changes. Until then calls would fail.
    """

    def __init__(
        self,
        settings: AccountSettings,
        transport: Carrier,
        limit: TokenBucket | None,
        observer: CallObserver,
        key: KeyFile,
    ) -> None:
        super().__init__(settings, transport, limit, observer)
        self._key, self._account_id = key, settings.account_ref.id
        self._renewed: ApiClient | None = None  # the client with a newer key than the settings
        self._create = partial(_create_with_key, settings, transport, limit, observer)

    @property
    def has_succeeded(self) -> bool:
        return self._renewed.has_succeeded if self._renewed else super().has_succeeded

    async def get(
        self, *path: str, call: CallContext, rows_at: Sequence[str] | None = None, **query: str | int | None
    ) -> ApiResponse:
        client = self._renewed
        try:
            return await (client.get if client else super().get)(*path, call=call, rows_at=rows_at, **query)
        except Unauthorized:
            renewed = await self._renew(client)
            if renewed is None:
                raise
        return await renewed.get(*path, call=call, rows_at=rows_at, **query)

    async def _renew(self, refused: ApiClient | None) -> ApiClient | None:
        """Return a client with another key than the refused one has. Returns None if the file has no other key."""
        key = await asyncio.to_thread(self._key.read_again)
        if self._renewed is refused and key is not None:
            _log.info("The provider refused the key, and its file has a new one. It is used.", account=self._account_id)
            self._key, self._renewed = key, self._create(key)
        return None if self._renewed is refused else self._renewed


def _create_with_key(
    settings: AccountSettings, transport: Carrier, limit: TokenBucket | None, observer: CallObserver, key: KeyFile
) -> ApiClient:
    return ApiClient(settings.model_copy(update={"api_key": key}), transport, limit, observer)
