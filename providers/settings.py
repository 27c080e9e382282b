"""The settings that the accounts of every provider share."""

import os
import re
import stat
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from iso4217 import Currency as Iso4217
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StrictBool,
    StringConstraints,
)

from schema.scalars import CurrencyCode

from .account import AccountRef
from .regular_file import read_regular_file
from .ttl import CacheTtl

MAX_PORT = 65535
MAX_KEY_FILE = 65_536  # bytes
_OPEN_TO_OTHERS = stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH  # Kubernetes makes Secrets readable for a group
_PATH_STARTS = "/", "./", "../"
_KEY_SOURCES = (
    'write { env = "NAME" } to take it from an environment variable, or { file = "/path" } to read it from a file'
)
_ENV_NAME = re.compile(r"[A-Z]{1,20}\d?(_[A-Z]{1,20}\d?|_\d)*")  # words, not random letters and digits
_BASE_URL = re.compile(r"(https?)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?(?:/[!-~]*)?")


def is_loopback(host: str | None) -> bool:
    """Whether connections to a host stay on this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def read_secret(value: object) -> SecretStr:
    """Read the key from its source. No error message contains a value that could be the key itself."""
    match value:
        case SecretStr():
            return value
        case {"env": str(name), **rest} if not rest:
            return SecretStr(_check_key(os.environ.get(name, ""), _describe_variable(name)))
        case {"file": str(path), **rest} if not rest:
            return KeyFile(path)
        case dict():
            raise ValueError(_KEY_SOURCES)
        case _:
            raise ValueError(f"do not write the key in the configuration file; {_KEY_SOURCES}")


def _describe_variable(name: str) -> str:
    """Name a variable for a message, unless the name looks like a key that was written in its place."""
    return f"the environment variable {name}" if _ENV_NAME.fullmatch(name) else 'the variable that "env" names'


def _describe_file(path: str) -> str:
    """Name a file for a message, unless its path looks like a key that was written in its place."""
    return f"the file {path}" if path.startswith(_PATH_STARTS) else 'the file that "file" names'


def _read_file(path: str) -> str:
    """Return the text of a key file. Raises ValueError if it cannot be read, or other users can read or write it."""
    file = _describe_file(path)
    try:
        content, mode = read_regular_file(path, MAX_KEY_FILE)
        text = content.decode()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ValueError(f"{file} cannot be read ({reason}); it should contain only the key") from None
    if mode & _OPEN_TO_OTHERS:
        raise ValueError(f"{file} is open to other users (mode {mode:04o}); change its mode to 0400 or 0440")
    return text


def _check_key(content: str, source: str) -> str:
    key = content.strip()
    if not key:
        raise ValueError(f"{source} is not set or is empty; it should contain the key")
    if not (key.isascii() and key.isprintable()):
        raise ValueError(f"{source} does not contain a key; a key is one line of ASCII text")
    return key


class KeyFile(SecretStr):
    """The key that a file contained when it was read."""

    def __init__(self, path: str | Path) -> None:
        """Raises ValueError if the file contains no key."""
        super().__init__(_check_key(_read_file(str(path)), _describe_file(str(path))))
        self.path = Path(path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyFile) and super().__eq__(other) and self.path == other.path

    def __hash__(self) -> int:
        return super().__hash__()

    def read_again(self) -> "KeyFile | None":
        """Return the key that the file contains now. Returns None if it is the same one, or if there is none."""
        try:
            key = KeyFile(self.path)
        except ValueError:
            return None
        return None if key == self else key


def _base_url(value: str) -> str:
    authority = value.partition("://")[2].partition("/")[0]
    if "@" in authority or "?" in value or "#" in value:
        raise ValueError("write the address without a user, a password, a query or a fragment")
    match = _BASE_URL.fullmatch(value)
    if match and int(match[3] or 0) <= MAX_PORT and (match[1] == "https" or is_loopback(match[2].strip("[]"))):
        return value.rstrip("/")
    raise ValueError("write https://HOST; http:// is allowed only for an address on this machine")


def _currency(value: str) -> CurrencyCode:
    try:
        return CurrencyCode(Iso4217(value).code)
    except ValueError:
        raise ValueError('write the three upper-case letters of an ISO 4217 currency, such as "USD"') from None


def _segment(value: str) -> str:
    if value.strip() in {"", ".", ".."}:
        raise ValueError("write the id that the provider assigned")
    return value.strip()


Segment = Annotated[str, AfterValidator(_segment)]  # a segment of a URL path: an id at the provider
Secret = Annotated[SecretStr, BeforeValidator(read_secret)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Currency = Annotated[CurrencyCode, AfterValidator(_currency)]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
]


class RateLimitSettings(BaseModel):
    """The rate at which a provider accepts calls: a burst, then a steady rate."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_second: Annotated[float, Field(gt=0)]
    burst: Annotated[int, Field(strict=True, ge=1)]


class AccountSettings(BaseModel):
    """One `[[accounts]]` table; each provider adds its own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    provider_name: ClassVar[str]
    key_header: ClassVar[str]  # the request header that carries the key

    id: Annotated[str, Field(pattern="^[a-z0-9-]{1,32}$")]
    provider: str
    name: str | None = None
    api_key: Secret
    base_url: BaseUrl
    currency: Currency | None = None
    concurrency: Annotated[int, Field(strict=True, ge=1, le=64)] = 8  # concurrent calls
    attempts: Annotated[int, Field(strict=True, ge=1, le=10)] = 3  # attempts of one call, the first included
    rate_limit: RateLimitSettings | None = None  # shared by all accounts of the provider at one host
    freshness: CacheTtl = CacheTtl()
    sandbox: StrictBool = False  # True: its data is simulated
    payment_terms: Line | None = None  # as printed on the invoices, such as "Net 30"
    net_days: Annotated[int, Field(strict=True, ge=0, le=365)] | None = None  # else those of `payment_terms`
    due_from: Literal["issued", "period_end"] = "issued"  # the first of these days
    billing_account_id: Line | None = None  # as the invoices name it, if not as the provider's API does
    invoice_issuer: Line | None = None  # the company on the invoices, such as a marketplace
    purchase_order: Line | None = None  # its number

    @property
    def tenant(self) -> str:
        """The tenant's id at the provider, or "" if it is not configured. Cache keys contain it."""
        return ""

    @property
    def names_every_invoice(self) -> bool:
        """Whether the operator says that the configuration names all invoices. It matters only without a list."""
        return False

    @property
    def account_ref(self) -> AccountRef:
        return AccountRef(self.provider, self.provider_name, self.id, self.currency)
