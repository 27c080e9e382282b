"""The public keys of an issuer: a JSON Web Key Set, read for the algorithms that the settings accept."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import jwt
import msgspec

MAX_KEYS = 100
_KINDS = {  # the type and the curve of the keys of an algorithm
    **{f"{family}{bits}": ("RSA", None) for family in ("RS", "PS") for bits in (256, 384, 512)},
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}


class _Document(msgspec.Struct):
    keys: list[dict[str, Any]]


class KeySet:
    """Keys by their ids and algorithms. Keys for encryption, symmetric keys and unreadable keys are left out."""

    def __init__(self, keys: Collection[dict[str, Any]], algorithms: Collection[str]) -> None:
        self._keys = defaultdict[tuple[str | None, str], list[jwt.PyJWK]](list)
        self._kids = {_kid(key) for key in keys}
        for key in keys:
            for algorithm in algorithms:
                if (readable := _read_key(key, algorithm)) is not None:
                    self._keys[_kid(key), algorithm].append(readable)

    @classmethod
    def parse(cls, content: bytes, algorithms: Collection[str]) -> "KeySet":
        """Return the keys of a document. Raises ValueError if it is no JSON Web Key Set of at most MAX_KEYS keys."""
        try:
            keys = msgspec.json.decode(content, type=_Document).keys
        except (msgspec.MsgspecError, RecursionError):
            raise ValueError("the response is no JSON Web Key Set") from None
        if len(keys) > MAX_KEYS:
            raise ValueError(f"the JSON Web Key Set has more than {MAX_KEYS} keys")
        return cls(keys, algorithms)

    def __len__(self) -> int:
        return sum(map(len, self._keys.values()))

    def knows(self, kid: str | None) -> bool:
        """Return whether the set has a key with this id. A token without an id needs no key of its own."""
        return kid is None or kid in self._kids

    def find(self, kid: str | None, algorithm: str) -> list[jwt.PyJWK]:
        """Return the keys that may have signed a token. Without an id, the only key of the algorithm may have."""
        if kid is not None:
            return self._keys.get((kid, algorithm), [])
        candidates = [key for (_, name), keys in self._keys.items() if name == algorithm for key in keys]
        return candidates if len(candidates) == 1 else []


def _kid(key: dict[str, Any]) -> str | None:
    kid = key.get("kid")
    return kid if isinstance(kid, str) else None


def _read_key(key: dict[str, Any], algorithm: str) -> jwt.PyJWK | None:
    """Return a public key for an algorithm. Returns None if it is for another one, for encryption, or unreadable."""
    kind, curve = _KINDS[algorithm]
    if key.get("kty") != kind or (curve is not None and key.get("crv") != curve):
        return None
    if key.get("alg", algorithm) != algorithm or key.get("use", "sig") != "sig" or "d" in key:
        return None
    try:
        return jwt.PyJWK(key, algorithm)
    except (jwt.PyJWTError, TypeError, ValueError):
        return None
