"""The `[cache]` table: cache sizes, and the Redis that several instances share."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, TypeAdapter

from providers.settings import Secret

_SECRET: TypeAdapter[SecretStr] = TypeAdapter(Secret)
_MEGABYTE = 1024 * 1024


def _url(value: object) -> SecretStr:
    """Return the URL. One with a password must come from a variable or a file, like an API key."""
    if isinstance(value, str) and "@" in value:
        raise ValueError('a URL with a password is not allowed in the configuration file; write { env = "NAME" }')
    url = SecretStr(value) if isinstance(value, str) else _SECRET.validate_python(value)
    if not url.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("write redis://HOST:6379/0, rediss://HOST:6379/0 for TLS, or unix:///path/of/socket")
    return url


class CacheSettings(BaseModel):
    """The `[cache]` table. Without `url` each process has its own cache."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[SecretStr | None, BeforeValidator(_url)] = None
    megabytes: Annotated[int, Field(strict=True, ge=1)] = 256  # for provider data, divided among the workers

    answers: Annotated[int, Field(strict=True, ge=0)] = 64  # megabytes of responses, divided among the workers; 0: none

    @property
    def max_memory_bytes(self) -> int:
        return self.megabytes * _MEGABYTE

    @property
    def max_response_bytes(self) -> int:
        return self.answers * _MEGABYTE


DEFAULT_CACHE = CacheSettings()
