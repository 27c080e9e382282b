"""API keys: 256 random bits, recognised by their hash."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe

from server.config.keys import KeySettings

from .caller import Caller
from .errors import Unauthenticated

PREFIX = b"ig_"
_KEY = re.compile(rb"ig_[A-Za-z0-9_-]{43}")


def create_key() -> str:
    """Return a new key: the prefix and 256 random bits."""
    return PREFIX.decode() + token_urlsafe(32)


def hash_key(key: bytes) -> str:
    """Return the hash that is stored for a key.

    SHA-256 suffices: nobody can guess 256 random bits, so a slow hash, as for passwords, would only slow requests down.
    """
    return sha256(key).hexdigest()


class ApiKeys:
    """The API keys that are configured now, by their hashes."""

    def __init__(self, keys: Iterable[KeySettings]) -> None:
        # A search by hash tells nothing of a key: a client cannot choose the hash of what it sends.
        self._keys = {key.hash: (key, Caller(f"key:{key.name}", key.grants)) for key in keys}

    def caller(self, key: bytes) -> Caller:
        """Return the caller with this key. Raises Unauthenticated if it is malformed, unknown or expired."""
        if not _KEY.fullmatch(key):
            raise Unauthenticated("the API key does not have the form of one")
        key_hash = hash_key(key)
        settings, caller = self._keys.get(key_hash, (None, None))
        if settings is None or caller is None or not compare_digest(settings.hash, key_hash):
            raise Unauthenticated("the API key is unknown or revoked")
        if settings.has_expired(datetime.now(UTC)):
            raise Unauthenticated(f"the API key {settings.name} has expired")
        return caller
