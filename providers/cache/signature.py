"""Signatures of stored entries. A program without the API key can write to the store, but cannot change an invoice."""

import hmac
from hashlib import blake2b
from typing import Protocol, TypeVar

import msgspec
import structlog

from providers.settings import AccountSettings

_SIGNATURE_BYTES = 32
_log = structlog.get_logger()


class KeyedEntry(Protocol):
    """A msgspec.Struct that contains the key under which it is stored."""

    @property
    def key(self) -> str: ...


E = TypeVar("E", bound=KeyedEntry)


class EntrySigner:
    """Signs the entries of one account with a key that is derived from its API key, and verifies them."""

    def __init__(self, settings: AccountSettings) -> None:
        api_key = settings.api_key.get_secret_value().encode()
        self._key = blake2b(api_key, digest_size=32, person=b"shared entries").digest()
        self._account_id = settings.account_ref.id
        self._has_logged = False

    def encode(self, entry: KeyedEntry) -> bytes:
        """Return the signed bytes of an entry."""
        return self.sign(msgspec.msgpack.encode(entry))

    def decode(self, data: bytes | None, key: str, entry_type: type[E]) -> E | None:
        """Return the entry of a key. Returns None if its signature, its format or its key is not right."""
        content = None if data is None else self.verify(data)
        if content is None:
            return None
        try:
            entry = msgspec.msgpack.decode(content, type=entry_type)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        return entry if entry.key == key else None

    def sign(self, content: bytes) -> bytes:
        """Return the signature and the content."""
        return self._signature(content) + content

    def verify(self, data: bytes) -> bytes | None:
        """Return the content. Returns None if the signature is not valid, which is logged once."""
        content = data[_SIGNATURE_BYTES:]
        if hmac.compare_digest(self._signature(content), data[:_SIGNATURE_BYTES]):
            return content
        if not self._has_logged:
            self._has_logged = True
            _log.warning(
                "An entry of the stored cache has no valid signature. It counts as absent.", account=self._account_id
            )
        return None

    def _signature(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, "sha256")
