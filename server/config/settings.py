"""The configuration: a TOML file, validated completely before the service starts."""

import tomllib
from collections import Counter
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from providers import PROVIDERS
from providers.settings import MAX_PORT, AccountSettings

from .cache import DEFAULT_CACHE, CacheSettings
from .export import DEFAULT_EXPORT, ExportSettings
from .hosts import ANY_HOST, parse_host
from .messages import format_problems
from .origin import parse_origin
from .rates import NO_RATE_FILES, RatesSettings

_AnyAccount: Any = reduce(or_, (spec.settings for spec in PROVIDERS.values()))

MAX_WORKERS = 32


class ConfigurationError(Exception):
    """The configuration is invalid. The message says where, and what to write instead."""


def _origin(text: str) -> str:
    origin = parse_origin(text)
    if origin is None:
        raise ValueError('write the origin of a page as browsers send it, such as "https://invoices.example.com"')
    return origin


def _host(text: str) -> str:
    host = ANY_HOST if text == ANY_HOST else parse_host(text)
    if host is None:
        raise ValueError('write the host of a URL, such as "invoices.example.com", or "*" for every host')
    return host


def _split(value: object) -> object:
    """Split text at commas: an environment variable has no lists."""
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value


_Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], BeforeValidator(_split)]

_Hosts = Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], BeforeValidator(_split)]


class ServerSettings(BaseModel):
    """The `[server]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=MAX_PORT)] = 8000
    workers: Annotated[int, Field(ge=1, le=MAX_WORKERS)] = 1  # worker processes
    public_origins: _Origins = ()  # of pages that may send requests, beside pages of the header Host
    allowed_hosts: _Hosts = ()  # that requests may name, beside addresses, localhost, `host` and those of the origins
    deadline: Annotated[float, Field(gt=0, le=300)] = 10  # seconds for one request, provider calls included
    max_requests: Annotated[int, Field(ge=1)] = 256  # concurrent operations of each worker
    max_response_bytes: Annotated[int, Field(ge=1_000)] = 16_000_000  # of one response, or of all of a batch
    max_provider_calls: Annotated[int, Field(ge=1)] = 400  # of one request, or of all operations of a batch
    max_connections: Annotated[int, Field(ge=1)] = 4_096  # open connections of each worker
    odd_sandbox: bool = False  # adds accounts with discrepancies to the sandbox accounts
    compiled: bool = True  # complete plain data by code that is generated once for each operation
    shutdown_grace: Annotated[float, Field(ge=0, le=300)] = 15  # seconds for running requests after SIGTERM or SIGINT


class SubscriptionSettings(BaseModel):
    """The `[subscriptions]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    poll: Annotated[float, Field(ge=0.05, le=86_400)] = 60  # seconds between two polls of an account with subscribers
    most: Annotated[int, Field(ge=1)] = 1_000  # concurrent streams of each worker, over all connections


DEFAULT_SUBSCRIPTIONS = SubscriptionSettings()


class Settings(BaseModel):
    """The whole configuration. Without a file it has no accounts, and the service uses the sandbox accounts."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    server: ServerSettings = ServerSettings()
    cache: CacheSettings = DEFAULT_CACHE
    subscriptions: SubscriptionSettings = DEFAULT_SUBSCRIPTIONS
    export: ExportSettings = DEFAULT_EXPORT
    rates: RatesSettings = NO_RATE_FILES
    accounts: Annotated[list[Annotated[_AnyAccount, Field(discriminator="provider")]], Field(min_length=1)] = []

    @field_validator("accounts")
    @classmethod
    def _check_ids_are_unique(cls, accounts: list[AccountSettings]) -> list[AccountSettings]:
        duplicate, count = next(iter(Counter(account.id for account in accounts).most_common(1)), ("", 0))
        if count > 1:
            raise ValueError(f'two accounts have the id "{duplicate}"; use each id once over all providers')
        return accounts

    @field_validator("accounts")
    @classmethod
    def _check_bursts_are_divisible(
        cls, accounts: list[AccountSettings], info: ValidationInfo
    ) -> list[AccountSettings]:
        workers = info.data["server"].workers if "server" in info.data else 1
        for account in accounts:
            if account.rate_limit and account.rate_limit.burst < workers:
                raise ValueError(
                    f'the burst of "{account.id}" is {account.rate_limit.burst}, which cannot be divided among '
                    f"{workers} workers; write a larger burst or fewer workers"
                )
        return accounts


class _Environment(BaseSettings):
    """The variables such as INVOICEGRAPH_SERVER__PORT, which override the `[server]` table."""

    model_config = SettingsConfigDict(env_prefix="INVOICEGRAPH_", env_nested_delimiter="__")

    server: dict[str, Any] = {}


def load(path: Path | None = None, **options: object) -> Settings:
    """Return the settings of a file and the environment, or of the environment alone if `path` is None.

    `options` of the command line override the `[server]` table of both. Raises ConfigurationError if the
    configuration is invalid.
    """
    content = {} if path is None else {"accounts": [], **_read_toml(path)}
    return _validate(content, "The environment" if path is None else str(path), options)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # reading a FIFO would wait for its writer
            raise ConfigurationError(
                f"{path} is not a regular file. Name a TOML file with --config or INVOICEGRAPH_CONFIG."
            )
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f'{path} is not valid TOML: {error}. Write strings in quotes: name = "CDN".') from None
    except UnicodeError:
        raise ConfigurationError(f"{path} is not a TOML file: write it as text in UTF-8.") from None
    except RecursionError:
        raise ConfigurationError(
            f"{path} is not a valid configuration: its lists or tables are nested too deeply. Use fewer levels."
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}. Name a TOML file with --config or INVOICEGRAPH_CONFIG."
        ) from None


def _validate(content: dict[str, Any], name: str, options: dict[str, object]) -> Settings:
    """Return the settings of a file's content and the environment. Error messages begin with `name`."""
    overrides: dict[str, Any] = {}
    try:
        overrides = _Environment().server
        server = content.get("server", {})
        merged = {**content, "server": {**server, **overrides, **options}} if isinstance(server, dict) else content
        return Settings.model_validate(merged)
    except SettingsError:
        raise ConfigurationError(
            "INVOICEGRAPH_SERVER cannot be read. Set a variable for each key, such as INVOICEGRAPH_SERVER__PORT=8000."
        ) from None
    except ValidationError as error:
        errors = error.errors(include_input=False, include_url=False)
        heading = f"{name} is not a valid configuration:"
        raise ConfigurationError(format_problems(heading, errors, Settings, content, overrides)) from None
