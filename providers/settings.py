"""What the configuration says of one account, whoever its provider is."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from schema.values import CurrencyCode, currency_code

from .owner import Owner

_HOW = 'write { env = "NAME" } to take it from an environment variable, or { file = "/path" } to read it from a file'


def is_loopback(host: str | None) -> bool:
    """Whether an address never leaves this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _secret(value: object) -> SecretStr:
    if isinstance(value, SecretStr):
        return value
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f"a key never stands in the file itself: {_HOW}")
    [(kind, place)] = value.items()
    if kind == "env" and isinstance(place, str):
        found = os.environ.get(place, "")
        where = f"the environment variable {place}"
    elif kind == "file" and isinstance(place, str):
        found, where = _content(place), f"the file {place}"
    else:
        raise ValueError(_HOW)
    return _usable(found.strip(), where)


def _content(path: str) -> str:
    try:
        return Path(path).read_text()
    except (OSError, ValueError):
        raise ValueError(f"the file {path} cannot be read; it should hold the key and nothing else") from None


def _usable(secret: str, where: str) -> SecretStr:
    if not secret:
        raise ValueError(f"{where} is not set or is empty; it should hold the key")
    if not (secret.isascii() and secret.isprintable()):
        raise ValueError(f"{where} holds something that cannot be a key: expected one line of ASCII text")
    return SecretStr(secret)


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("a base URL has no user, password, query or fragment")
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))):
        return value.rstrip("/")
    raise ValueError("write https://HOST; http:// is only for an address on this machine")


def _currency(value: str) -> CurrencyCode:
    code = currency_code(value)
    if code is None or code != value:
        raise ValueError('write three upper-case letters such as "USD"')
    return code


Secret = Annotated[SecretStr, BeforeValidator(_secret)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Currency = Annotated[CurrencyCode, AfterValidator(_currency)]


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
    concurrency: Annotated[int, Field(ge=1, le=64)] = 8  # calls at once
    sandbox: bool = False  # its data is simulated

    @property
    def owner(self) -> Owner:
        return Owner(self.provider, self.provider_name, self.id, self.currency)
