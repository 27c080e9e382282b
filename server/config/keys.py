"""API keys as they are stored: a hash, a name, grants and an expiry. The key itself is shown once and never stored."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from .grants import GrantSettings
from .private_file import read_protected

_NAME, _HASH = re.compile(r"[A-Za-z0-9._-]{1,64}"), re.compile(r"[0-9a-f]{64}")


def key_name(text: str) -> str:
    """Return the name of a key. Raises ValueError if it is not 1 to 64 characters without spaces."""
    if not _NAME.fullmatch(text):
        raise ValueError("write 1 to 64 characters from a-z, A-Z, 0-9, '.', '_' and '-'")
    return text


def _hash(text: str) -> str:
    if not _HASH.fullmatch(text):
        raise ValueError("write the hash that `invoicegraph keys create` prints, not the key itself")
    return text


class KeySettings(GrantSettings):
    """One API key. `hash` is the SHA-256 of the key in hexadecimal."""

    name: Annotated[str, AfterValidator(key_name)]
    hash: Annotated[str, AfterValidator(_hash), Field(repr=False)]
    created: AwareDatetime | None = None
    expires: AwareDatetime | None = None

    def has_expired(self, now: datetime) -> bool:
        return self.expires is not None and self.expires <= now


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    keys: list[KeySettings]


_CONTENT = TypeAdapter(_Content)


class KeysFile(BaseModel):
    """The file of API keys, as it was read."""

    model_config = ConfigDict(frozen=True)

    path: Path
    keys: tuple[KeySettings, ...]


def read_keys_file(path: Path) -> KeysFile:
    """Return the keys of a file. Raises ValueError if it cannot be read or is no file of keys."""
    content = read_protected(path)
    try:
        keys = _CONTENT.validate_json(content).keys
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise ValueError(
            f"{path} is not a file of `invoicegraph keys create`: {where or 'it'} cannot be read"
        ) from None
    return KeysFile(path=path, keys=tuple(keys))


def keys_json(keys: list[KeySettings]) -> bytes:
    """Return the content of a file of these keys."""
    content = {"keys": [key.model_dump(mode="json", exclude_none=True) for key in keys]}
    return json.dumps(content, indent=2).encode() + b"\n"
