"""The `[cache]` table: cache sizes, and the store that outlives the process: a Redis, or a file."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from providers.settings import read_secret

_MEGABYTE = 1024 * 1024
_LITERAL_URL = re.compile(r"rediss?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(/\d*)?|unix:///[^?@#]+")
_SCHEMES = "redis://", "rediss://", "unix://"
_FORMS = "redis://HOST:6379/0, rediss://HOST:6379/0 for TLS, or unix:///path/of/socket"


def _url(value: object) -> SecretStr:
    """Return the URL. One with a password or with options must come from a variable or a file, like an API key.

    No error message contains a part of it.
    """
    if isinstance(value, str) and value.startswith(_SCHEMES) and not _LITERAL_URL.fullmatch(value):
        raise ValueError(
            f'in the configuration file, write {_FORMS}; a URL with a password or options comes from {{ env = "NAME" }}'
        )
    url = SecretStr(value) if isinstance(value, str) else read_secret(value)
    if not url.get_secret_value().startswith(_SCHEMES):
        raise ValueError(f"write {_FORMS}")
    from providers.redis.address import create_client  # noqa: PLC0415 (takes 70 ms, and few use it)

    create_client(url)
    return url


def _path(path: Path) -> Path:
    """Return the path of a file in an existing folder. Raises ValueError otherwise."""
    if path.exists() and not path.is_file():
        raise ValueError(f"{path} is not a file; write the path of one, such as /var/lib/invoicegraph/cache.sqlite")
    if not path.absolute().parent.is_dir():
        raise ValueError(f"the folder {path.absolute().parent} does not exist; create it, writable for the service")
    return path


class CacheSettings(BaseModel):
    """The `[cache]` table. With neither `url` nor `path` each process has its own cache, in memory."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[SecretStr | None, BeforeValidator(_url)] = None
    path: Annotated[Path | None, AfterValidator(lambda path: path and _path(path))] = None  # of the file of the store
    disk_megabytes: Annotated[int, Field(strict=True, ge=1)] = 1024  # of that file
    megabytes: Annotated[int, Field(strict=True, ge=1)] = 256  # for provider data, divided among the workers
    answers: Annotated[int, Field(strict=True, ge=0)] = 64  # megabytes of responses, divided among the workers; 0: none

    @model_validator(mode="after")
    def _check_there_is_one_store(self) -> "CacheSettings":
        if self.url is not None and self.path is not None:
            raise ValueError("write either url, for a store that instances share, or path, for one in a file")
        return self

    @property
    def max_disk_bytes(self) -> int:
        return self.disk_megabytes * _MEGABYTE

    @property
    def max_memory_bytes(self) -> int:
        return self.megabytes * _MEGABYTE

    @property
    def max_response_bytes(self) -> int:
        return self.answers * _MEGABYTE


DEFAULT_CACHE = CacheSettings()
