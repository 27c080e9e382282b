"""The configuration: a TOML file, checked as a whole before anything starts."""

import tomllib
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from providers import PROVIDERS
from providers.settings import MAX_PORT, AccountSettings

from .cache import DEFAULT_CACHE, CacheSettings
from .messages import format_problems

_AnyAccount: Any = reduce(or_, (kind.settings for kind in PROVIDERS.values()))


MAX_WORKERS = 32


class ConfigurationError(Exception):
    """The configuration cannot be used; the message says where, and what to write instead."""


class ServerSettings(BaseModel):
    """The `[server]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=MAX_PORT)] = 8000
    workers: Annotated[int, Field(ge=1, le=MAX_WORKERS)] = 1  # processes that answer
    deadline: Annotated[float, Field(gt=0, le=300)] = 10  # seconds for one request, providers included
    max_requests: Annotated[int, Field(ge=1)] = 256  # in work at once
    compiled: bool = True  # plain data is completed by code that is made once for each operation
    shutdown_grace: Annotated[float, Field(ge=0, le=300)] = 15  # seconds that running requests have after a signal


class SubscriptionSettings(BaseModel):
    """The `[subscriptions]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    poll: Annotated[float, Field(ge=0.05, le=86_400)] = 60  # seconds between two looks at an account that is watched
    most: Annotated[int, Field(ge=1)] = 1_000  # streams at once, over all connections


DEFAULT_SUBSCRIPTIONS = SubscriptionSettings()


class Settings(BaseModel):
    """The whole configuration; without a file it has no accounts, and the sandboxes stand in for them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    server: ServerSettings = ServerSettings()
    cache: CacheSettings = DEFAULT_CACHE
    subscriptions: SubscriptionSettings = DEFAULT_SUBSCRIPTIONS
    accounts: Annotated[list[Annotated[_AnyAccount, Field(discriminator="provider")]], Field(min_length=1)] = []

    @field_validator("accounts")
    @classmethod
    def _unique(cls, accounts: list[AccountSettings]) -> list[AccountSettings]:
        names = [account.id for account in accounts]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f'two accounts have the id "{twice}"; use each id once, whatever the provider')
        return accounts

    @field_validator("accounts")
    @classmethod
    def _divisible(cls, accounts: list[AccountSettings], known: ValidationInfo) -> list[AccountSettings]:
        workers = known.data["server"].workers if "server" in known.data else 1
        for account in accounts:
            if account.rate_limit and account.rate_limit.burst < workers:
                raise ValueError(
                    f'the burst of "{account.id}", {account.rate_limit.burst}, cannot be divided among {workers} '
                    "workers; write a larger one, or fewer workers"
                )
        return accounts


class _Environment(BaseSettings):
    """INVOICEGRAPH_SERVER__PORT and its like, which go before the `[server]` table."""

    model_config = SettingsConfigDict(env_prefix="INVOICEGRAPH_", env_nested_delimiter="__")

    server: dict[str, Any] = {}


def load(path: Path | None = None, **options: object) -> Settings:
    """The settings in a file, or without one those of the environment alone; raises ConfigurationError.

    Options of the command go before both, in the `[server]` table.
    """
    content = {} if path is None else {"accounts": [], **_read(path)}
    return _checked(content, "The environment" if path is None else str(path), options)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f'{path} is not TOML: {error}. Texts stand in quotes: name = "CDN".') from None
    except UnicodeError:
        raise ConfigurationError(f"{path} is not a TOML file: it should be text in UTF-8.") from None
    except RecursionError:
        raise ConfigurationError(f"{path} cannot be used: its lists or tables are nested too deeply.") from None
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}. Name a TOML file with --config or INVOICEGRAPH_CONFIG."
        ) from None


def _checked(content: dict[str, Any], name: str, options: dict[str, object]) -> Settings:
    """The settings in a file's content and the environment; the errors call the file by its name."""
    overrides: dict[str, Any] = {}
    try:
        overrides = _Environment().server
        server = content.get("server", {})
        merged = {**content, "server": {**server, **overrides, **options}} if isinstance(server, dict) else content
        return Settings.model_validate(merged)
    except SettingsError:
        raise ConfigurationError("INVOICEGRAPH_SERVER is not read: write INVOICEGRAPH_SERVER__PORT=8000.") from None
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise ConfigurationError(
            format_problems(f"{name} cannot be used:", found, Settings, content, overrides)
        ) from None
