"""What the configuration says of one account, whoever its provider is."""

import os
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, ClassVar

from iso4217 import Currency as Iso4217
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, StrictBool

from schema.scalars import CurrencyCode

from .account import AccountRef
from .ttl import CacheTtl

MAX_PORT = 65535
_HOW = 'write { env = "NAME" } to take it from an environment variable, or { file = "/path" } to read it from a file'
_ENV_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
_BASE_URL = re.compile(r"(https?)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?(?:/[!-~]*)?")


def is_loopback(host: str | None) -> bool:
    """Whether an address never leaves this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _secret(value: object) -> SecretStr:
    """The key from where the configuration says that it is; what could be the key itself is in no message."""
    match value:
        case SecretStr():
            return value
        case {"env": str(name), **rest} if not rest:
            return _usable(os.environ.get(name, ""), _variable(name))
        case {"file": str(path), **rest} if not rest:
            return _usable(_content(path), f"the file {path}")
        case dict():
            raise ValueError(_HOW)
        case _:
            raise ValueError(f"a key never stands in the file itself: {_HOW}")


def _variable(name: str) -> str:
    """A variable by its name, unless that looks like a key that was put in the name's place."""
    return f"the environment variable {name}" if _ENV_NAME.fullmatch(name) else "the variable that env names"


def _content(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not text"
        named = f"the file {path}" if "/" in path else "the file that file names"
        raise ValueError(f"{named} cannot be read ({why}); it should hold the key and nothing else") from None


def _usable(content: str, where: str) -> SecretStr:
    secret = content.strip()
    if not secret:
        raise ValueError(f"{where} is not set or is empty; it should hold the key")
    if not (secret.isascii() and secret.isprintable()):
        raise ValueError(f"{where} holds something that cannot be a key: expected one line of ASCII text")
    return SecretStr(secret)


def _base_url(value: str) -> str:
    authority = value.partition("://")[2].partition("/")[0]
    if "@" in authority or "?" in value or "#" in value:
        raise ValueError("write it without user, password, query and fragment")
    match = _BASE_URL.fullmatch(value)
    if match and int(match[3] or 0) <= MAX_PORT and (match[1] == "https" or is_loopback(match[2].strip("[]"))):
        return value.rstrip("/")
    raise ValueError("write https://HOST; http:// is only for an address on this machine")


def _currency(value: str) -> CurrencyCode:
    try:
        return CurrencyCode(Iso4217(value).code)
    except ValueError:
        raise ValueError('write the three upper-case letters of a currency, such as "USD"') from None


def _segment(value: str) -> str:
    if value.strip() in {"", ".", ".."}:
        raise ValueError("write the id that the provider gave")
    return value.strip()


Segment = Annotated[str, AfterValidator(_segment)]  # of a path: an id at the provider
Secret = Annotated[SecretStr, BeforeValidator(_secret)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Currency = Annotated[CurrencyCode, AfterValidator(_currency)]


class RateLimitSettings(BaseModel):
    """How many calls a provider lets through: a burst, then so many a second."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_second: Annotated[float, Field(gt=0)]
    burst: Annotated[int, Field(strict=True, ge=1)]


class AccountSettings(BaseModel):
    """One `[[accounts]]` table; each provider adds its own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    provider_name: ClassVar[str]
    key_header: ClassVar[str]  # the request header that shows the key

    id: Annotated[str, Field(pattern="^[a-z0-9-]{1,32}$")]
    provider: str
    name: str | None = None
    api_key: Secret
    base_url: BaseUrl
    currency: Currency | None = None
    concurrency: Annotated[int, Field(strict=True, ge=1, le=64)] = 8  # calls at once
    attempts: Annotated[int, Field(strict=True, ge=1, le=10)] = 3  # at one call, where another may help
    rate_limit: RateLimitSettings | None = None  # shared by all accounts of the provider at one host
    freshness: CacheTtl = CacheTtl()
    sandbox: StrictBool = False  # its data is simulated

    @property
    def tenant(self) -> str:
        """Whose data it is at the provider, where the configuration says so."""
        return ""

    @property
    def owner(self) -> AccountRef:
        return AccountRef(self.provider, self.provider_name, self.id, self.currency)
