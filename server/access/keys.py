"""API keys: 256 random bits, recognised by their hash."""

import math
import re
import time
from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import NamedTuple

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

    SHA-256 suffices: 256 random bits cannot be guessed, so they need no slow hash as passwords do.
    """
    return sha256(key).hexdigest()


class _Entry(NamedTuple):
    digest: bytes
    caller: Caller
    expires_at: float  # seconds since the epoch


class ApiKeys:
    """The API keys that are configured now, by their hashes."""

    def __init__(self, keys: Iterable[KeySettings]) -> None:
        # A search by hash tells nothing of a key: a client cannot choose the hash of what it sends.
        self._entries = {entry.digest: entry for entry in map(_entry, keys)}

    def caller(self, key: bytes) -> Caller:
        """Return the caller with this key. Raises Unauthenticated if it is malformed, unknown or expired."""
        if not _KEY.fullmatch(key):  # also if the configuration has its hash: 256 random bits have this form
            raise Unauthenticated("the API key does not have the form of one")
        digest = sha256(key).digest()
        entry = self._entries.get(digest)
        if entry is None or not compare_digest(entry.digest, digest):
            raise Unauthenticated("the API key is unknown or revoked")
        if entry.expires_at <= time.time():
            raise Unauthenticated(f"the API key {entry.caller.name} has expired")
        return entry.caller


def _entry(key: KeySettings) -> _Entry:
    expires_at = math.inf if key.expires is None else key.expires.timestamp()
    return _Entry(bytes.fromhex(key.hash), Caller(f"key:{key.name}", key.grants), expires_at)
