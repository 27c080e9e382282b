"""The `[access]` table: how callers are authenticated, and what they may see."""

import re
from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, model_validator

from providers.settings import BaseUrl, KeyFile, Secret

from .grants import GrantSettings, not_empty
from .keys import KeySettings, KeysFile, read_keys_file
from .private_file import read_protected

MAX_LEEWAY = 60  # seconds
OPEN_TO_ALL = 'Callers are not authenticated: [access] has mode = "none". Every account is open to the network.'
MIN_SECRET = 16  # characters of a gateway's secret
_CONFIG = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]  # asymmetric: the service can check tokens, but not issue them
Groups = Annotated[dict[str, GrantSettings], AfterValidator(not_empty)]  # grants by group, the most important one first

_CREDENTIAL_HEADERS = {"authorization", "x-api-key", "cookie", "proxy-authorization"}
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")


def _header(name: str) -> str:
    if not _HEADER.fullmatch(name):
        raise ValueError('write the name of a header, such as "X-Forwarded-User"')
    return name.lower()


def _network(text: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False) if isinstance(text, str) else _checked_network(text)
    except ValueError:
        raise ValueError('write an address or a network, such as "10.0.0.7" or "10.0.0.0/8"') from None


def _checked_network(value: object) -> IPv4Network | IPv6Network:
    if not isinstance(value, IPv4Network | IPv6Network):
        raise ValueError  # noqa: TRY004 (pydantic makes a message of it)
    return value


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


HeaderName = Annotated[str, AfterValidator(_header)]
Network = Annotated[IPv4Network | IPv6Network, PlainValidator(_network)]
Names = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...], AfterValidator(not_empty), BeforeValidator(_as_tuple)
]


class JwksFile(BaseModel):
    """A JSON Web Key Set in a file, as it was read."""

    model_config = ConfigDict(frozen=True)

    path: Path
    content: bytes


class _KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]


def _keys_file(value: object) -> KeysFile:
    return value if isinstance(value, KeysFile) else read_keys_file(_path(value))


def _jwks_file(value: object) -> JwksFile:
    if isinstance(value, JwksFile):
        return value
    content = read_protected(_path(value))
    try:
        msgspec.json.decode(content, type=_KeySet)
    except (msgspec.MsgspecError, RecursionError):
        raise ValueError(f'{value} is not a JSON Web Key Set: {{"keys": [...]}}') from None
    return JwksFile(path=_path(value), content=content)


def _path(value: object) -> Path:
    if not isinstance(value, str) or not value:
        raise ValueError('write a path in quotes: "/…"')
    return Path(value)


def _secret(secret: Secret) -> Secret:
    if len(secret.get_secret_value()) < MIN_SECRET:
        raise ValueError(f"the secret is too short; it should have at least {MIN_SECRET} random characters")
    return secret


class JwtSettings(BaseModel):
    """The `[access.jwt]` table: JSON Web Tokens of one issuer.

    Its keys come from `jwks_file`, `jwks_url`, or the document of OpenID Connect Discovery at `discovery_url`, which
    is at the issuer if none of them is set.
    """

    model_config = _CONFIG

    issuer: Annotated[str, Field(min_length=1)]
    audience: Names  # a token must be for one of them
    algorithms: Annotated[tuple[Algorithm, ...], AfterValidator(not_empty)] = ("RS256",)
    discovery_url: BaseUrl | None = None
    jwks_url: BaseUrl | None = None
    jwks_file: Annotated[JwksFile | None, BeforeValidator(_jwks_file)] = None
    leeway: Annotated[float, Field(ge=0, le=MAX_LEEWAY)] = 30  # seconds that clocks may differ
    claim: Names = ("groups",)  # of the groups; a list is the path of a nested claim
    name_claim: str = "sub"
    grants: Groups

    @model_validator(mode="after")
    def _check_source(self) -> "JwtSettings":
        sources = [self.discovery_url, self.jwks_url, self.jwks_file]
        if sum(source is not None for source in sources) > 1:
            raise ValueError("write only one of discovery_url, jwks_url and jwks_file")
        return self


class GatewaySettings(BaseModel):
    """The `[access.gateway]` table: a gateway that authenticates its clients.

    It proves itself by `secret`, by its address, or by both. Its requests have the grants of the first group in
    `groups_header`, or else those of `accounts` and `scopes`.
    """

    model_config = _CONFIG

    secret: Annotated[Secret, AfterValidator(_secret)] | None = None
    secret_header: HeaderName = "x-gateway-secret"  # noqa: S105 (a name)
    addresses: tuple[Network, ...] = ()
    name_header: HeaderName | None = None
    groups_header: HeaderName | None = None
    grants: dict[str, GrantSettings] = {}  # by group
    everyone: GrantSettings | None = None  # of every request, without groups

    @model_validator(mode="after")
    def _check_proof(self) -> "GatewaySettings":
        if self.secret is None and not self.addresses:
            raise ValueError("write secret, addresses, or both: the service must be able to tell the gateway")
        if bool(self.grants) != (self.groups_header is not None):
            raise ValueError("write groups_header and grants together")
        if bool(self.grants) == (self.everyone is not None):
            raise ValueError("write either groups_header with grants, or everyone")
        if self.secret is None and any(network.prefixlen == 0 for network in self.addresses):
            raise ValueError("addresses has every address, so anyone could be the gateway; write its own, or secret")
        return self

    @model_validator(mode="after")
    def _check_headers(self) -> "GatewaySettings":
        """The log shows names, so a name must not come from a header that has a credential."""
        named = [name for name in (self.name_header, self.groups_header) if name is not None]
        secret = [] if self.secret is None else [self.secret_header]
        if len({*named, *secret}) < len(named) + len(secret):
            raise ValueError("name_header, groups_header and secret_header must be different headers")
        if not _CREDENTIAL_HEADERS.isdisjoint(named):
            raise ValueError("name_header and groups_header must not be headers of credentials")
        return self


class AccessSettings(BaseModel):
    """The `[access]` table. Without a method every caller is anonymous and may see everything."""

    model_config = _CONFIG

    mode: Literal["none"] | None = None  # "none": the operator says that callers need no authentication
    keys: tuple[KeySettings, ...] = ()
    keys_file: Annotated[KeysFile | None, BeforeValidator(_keys_file)] = None
    jwt: JwtSettings | None = None
    gateway: GatewaySettings | None = None
    audit: bool | None = None  # write a line for each operation; None: if callers must authenticate themselves

    @property
    def is_audited(self) -> bool:
        return self.has_methods if self.audit is None else self.audit

    @property
    def all_keys(self) -> tuple[KeySettings, ...]:
        return self.keys + (self.keys_file.keys if self.keys_file else ())

    @property
    def has_methods(self) -> bool:
        """Whether callers must authenticate themselves. An empty file of keys lets none in."""
        return bool(self.keys or self.keys_file or self.jwt or self.gateway)

    @property
    def watched_paths(self) -> Iterator[Path]:
        """The files whose content is part of these settings."""
        if self.keys_file:
            yield self.keys_file.path
        if self.jwt and self.jwt.jwks_file:
            yield self.jwt.jwks_file.path
        if self.gateway and isinstance(self.gateway.secret, KeyFile):
            yield self.gateway.secret.path

    @model_validator(mode="after")
    def _check(self) -> "AccessSettings":
        if self.mode == "none" and self.has_methods:
            raise ValueError('mode = "none" contradicts the methods below it; remove one of them')
        name, count = next(iter(Counter(key.name for key in self.all_keys).most_common(1)), ("", 0))
        if count > 1:
            raise ValueError(f'two API keys have the name "{name}"; use each name once')
        by_hash: dict[str, str] = {}
        for key in self.all_keys:
            if (other := by_hash.setdefault(key.hash, key.name)) != key.name:
                raise ValueError(f'"{other}" and "{key.name}" are one API key with one hash; create a key for each')
        return self


NO_ACCESS_CONTROL = AccessSettings()
