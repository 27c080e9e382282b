"""JSON Web Tokens of the configured issuer."""

import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

import jwt

from execution.lru import ByteBoundedLRU
from server.config.access import JwtSettings

from .caller import Caller, caller_name
from .errors import Unauthenticated
from .groups import GroupGrants
from .issuer_keys import FileKeys, IssuerKeys, RemoteKeys
from .key_set import KeySet

MAX_TOKEN = 16_384  # bytes
MAX_CACHED = 10_000  # tokens
_CAUSES: dict[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "the token has expired",
    jwt.ImmatureSignatureError: "the token is not valid yet",
    jwt.InvalidIssuerError: "the token is of another issuer",
    jwt.InvalidAudienceError: "the token is for another audience",
    jwt.MissingRequiredClaimError: "the token lacks a claim: iss, aud or exp",
    jwt.InvalidSignatureError: "the signature of the token is wrong",
    jwt.InvalidKeyError: "the key of the issuer is too short",
}


class _Verified(NamedTuple):
    caller: Caller
    expires_at: int  # seconds since the epoch, of any size: the issuer wrote it
    keys: KeySet  # that verified the token


class Tokens:
    """Verifies tokens. A verified one is known by its hash until it expires, or until the keys change."""

    def __init__(self, settings: JwtSettings) -> None:
        self.settings = settings
        file = settings.jwks_file
        self._keys: IssuerKeys = RemoteKeys(settings) if file is None else FileKeys(settings, file.content)
        self._groups = GroupGrants(settings.grants)
        self._verified = ByteBoundedLRU[bytes, _Verified](MAX_CACHED)

    async def caller(self, token: bytes) -> Caller:
        """Return the caller of a token. Raises Unauthenticated, or KeysUnavailable if there is no key yet."""
        token_hash = sha256(token).digest()
        verified = self._verified.get(token_hash)
        if verified and verified.expires_at > time.time() and verified.keys is await self._keys.current(None):
            return verified.caller
        kid, algorithm = self._read_header(token)
        keys = await self._keys.current(kid)
        claims = self._decode(token, keys, kid, algorithm)
        name = caller_name("token", claims.get(self.settings.name_claim))
        caller = Caller(name, self._groups.of(self._names(claims)))
        self._verified.put(token_hash, _Verified(caller, int(claims["exp"]), keys), 1)
        return caller

    async def close(self) -> None:
        await self._keys.close()

    def _read_header(self, token: bytes) -> tuple[str | None, str]:
        """Return the id of the key and the algorithm that the token names. Neither is trusted."""
        if len(token) > MAX_TOKEN:
            raise Unauthenticated("the token is too long")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise Unauthenticated("the token is malformed") from None
        algorithm = header.get("alg")
        if algorithm not in self.settings.algorithms:
            raise Unauthenticated("the algorithm of the token is not accepted")
        return header.get("kid"), algorithm

    def _decode(self, token: bytes, keys: KeySet, kid: str | None, algorithm: str) -> dict[str, Any]:
        settings, error = self.settings, Unauthenticated("no key of the issuer has the id of the token")
        for key in keys.find(kid, algorithm):
            try:
                claims: dict[str, Any] = jwt.decode(
                    token,
                    key,
                    algorithms=[algorithm],
                    audience=settings.audience,
                    issuer=settings.issuer,
                    leeway=settings.leeway,
                    options={"require": ["exp", "iss", "aud"], "enforce_minimum_key_length": True},
                )
            except jwt.PyJWTError as failure:
                error = Unauthenticated(_CAUSES.get(type(failure), "the token is malformed"))
            except (ValueError, ArithmeticError, TypeError, RecursionError):
                error = Unauthenticated("the token is malformed")
            else:
                return claims
        raise error

    def _names(self, claims: Mapping[str, Any]) -> set[str]:
        """Return the groups in the claim: a list of names, one name, or names separated by spaces, as in `scope`."""
        value: Any = claims
        for name in self.settings.claim:
            value = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(value, str):
            return {value, *value.split()}
        return {name for name in value if isinstance(name, str)} if isinstance(value, list) else set()
