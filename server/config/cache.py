"""The `[cache]` table: how much is remembered, and what several instances share."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, TypeAdapter

from providers.settings import Secret

_KEY: TypeAdapter[SecretStr] = TypeAdapter(Secret)
_MEGABYTE = 1024 * 1024


def _url(value: object) -> SecretStr:
    """An address in the file itself where it holds no password, else from where a key would be."""
    if isinstance(value, str) and "@" in value:
        raise ValueError('an address with a password never stands in the file itself: write { env = "NAME" }')
    url = SecretStr(value) if isinstance(value, str) else _KEY.validate_python(value)
    if not url.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("write redis://HOST:6379/0, rediss:// for TLS, or unix:///path of a socket")
    return url


class CacheSettings(BaseModel):
    """Without a url, what this process remembers is its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[SecretStr | None, BeforeValidator(_url)] = None
    megabytes: Annotated[int, Field(strict=True, ge=1)] = 256  # of own memory, divided among the workers

    answers: Annotated[int, Field(strict=True, ge=0)] = 64  # megabytes of written answers, divided as well; 0: none

    @property
    def max_memory_bytes(self) -> int:
        return self.megabytes * _MEGABYTE

    @property
    def max_response_bytes(self) -> int:
        return self.answers * _MEGABYTE


DEFAULT_CACHE = CacheSettings()
