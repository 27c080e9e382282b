"""The configuration: a TOML file, validated completely before the service starts."""

import os
import tomllib
from collections import Counter
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any, Literal

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

from providers import PROVIDERS
from providers.regular_file import read_regular_file
from providers.settings import MAX_PORT, AccountSettings, is_loopback

from .access import NO_ACCESS_CONTROL, AccessSettings
from .cache import DEFAULT_CACHE, CacheSettings
from .environment import NotATableError, read_overrides, unknown_variables
from .export import DEFAULT_EXPORT, ExportSettings
from .hosts import ANY_HOST, parse_host
from .manifests import Manifest, read_manifest
from .messages import MAX_PROBLEMS, format_problems
from .metrics import MetricsSettings
from .origin import parse_origin
from .rates import NO_RATE_FILES, RatesSettings
from .sandbox import choice_problem
from .sources import account_problems

_AnyAccount: Any = reduce(or_, (spec.settings for spec in PROVIDERS.values()))

MAX_WORKERS = 32
_NO_METHOD = (
    "The service does not listen on {host} without a method of authentication: create an API key with "
    '`invoicegraph keys create NAME --account "*" --file keys.json` and write keys_file = "keys.json" below [access], '
    "or set INVOICEGRAPH_ACCESS__KEYS_FILE=keys.json; or listen on 127.0.0.1; or, if everyone who reaches the port may "
    'read all accounts, write mode = "none" below [access], or set INVOICEGRAPH_ACCESS=none.'
)

_HEADING = "{} is not a valid configuration:"


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


def _manifest(value: object) -> object:
    return read_manifest(Path(value)) if isinstance(value, str) else value


def _access_table(value: object) -> object:
    """Return the `[access]` table. `access = "none"` is short for `[access] mode = "none"`."""
    return {"mode": value} if isinstance(value, str) else value


_Manifest = Annotated[Manifest, BeforeValidator(_manifest)]
_Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], BeforeValidator(_split)]
_Hosts = Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], BeforeValidator(_split)]


class ServerSettings(BaseModel):
    """The `[server]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=MAX_PORT)] = 8000
    workers: Annotated[int, Field(ge=1, le=MAX_WORKERS)] = 1  # worker processes
    public_origins: _Origins = ()  # of pages that may send requests, beside pages of the header Host
    cors_origins: _Origins = ()  # of other sites whose pages may send requests and read responses
    cors_credentials: bool = False  # those pages may send the cookies of a proxy
    introspection: bool = True  # false: no __schema, __type and _service, and errors suggest no names
    allowed_hosts: _Hosts = ()  # that requests may name, beside addresses, localhost, `host` and those of the origins
    deadline: Annotated[float, Field(gt=0, le=300)] = 10  # seconds for one request, provider calls included
    max_requests: Annotated[int, Field(ge=1)] = 256  # concurrent operations of each worker
    max_response_bytes: Annotated[int, Field(ge=1_000)] = 16_000_000  # of one response, or of all of a batch
    max_provider_calls: Annotated[int, Field(ge=1)] = 400  # of one request, or of all operations of a batch
    # Of each caller, for operations that are executed. Off by default: behind a proxy all callers may have one address.
    cost_per_minute: Annotated[int, Field(ge=0)] = 0  # 0: no bound
    provider_calls_per_minute: Annotated[int, Field(ge=0)] = 0  # 0: no bound
    max_connections: Annotated[int, Field(ge=1)] = 4_096  # open connections of each worker
    persisted_operations: Literal["off", "allow", "only"] = "allow"  # "only": no documents but those of manifests
    persisted_manifests: tuple[_Manifest, ...] = ()
    access_log: bool = False  # a line for each HTTP request
    odd_sandbox: bool = False  # adds accounts with discrepancies to the sandbox accounts
    compiled: bool = True  # complete plain data by code that is generated once for each operation
    shutdown_grace: Annotated[float, Field(ge=0, le=300)] = 15  # seconds for running requests after SIGTERM or SIGINT

    @field_validator("persisted_manifests")
    @classmethod
    def _check_ids_are_of_one_document(cls, manifests: tuple[Manifest, ...]) -> tuple[Manifest, ...]:
        documents: dict[str, str] = {}
        for manifest in manifests:
            for document_id, text in manifest.documents.items():
                if documents.setdefault(document_id, text) != text:
                    raise ValueError(f'two manifests have different documents with the id "{document_id[:80]}"')
        return manifests


class SubscriptionSettings(BaseModel):
    """The `[subscriptions]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    poll: Annotated[float, Field(ge=0.05, le=86_400)] = 60  # seconds between two polls of an account with subscribers
    most: Annotated[int, Field(ge=1)] = 1_000  # concurrent streams of each worker, over all connections


DEFAULT_SUBSCRIPTIONS = SubscriptionSettings()


class Settings(BaseModel):
    """The whole configuration. Without accounts, which only `--sandbox` permits, those of the sandboxes are used."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    server: ServerSettings = ServerSettings()
    cache: CacheSettings = DEFAULT_CACHE
    subscriptions: SubscriptionSettings = DEFAULT_SUBSCRIPTIONS
    access: Annotated[AccessSettings, BeforeValidator(_access_table)] = NO_ACCESS_CONTROL
    metrics: MetricsSettings | None = None  # None: there are no metrics
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


_OVERRIDABLE = {
    "server": ServerSettings.model_fields,
    "access": AccessSettings.model_fields,
    "metrics": MetricsSettings.model_fields,
}


def load(path: Path | None = None, *, sandbox: bool = False, is_reload: bool = False, **options: object) -> Settings:
    """Return the settings of a file and the environment.

    With `sandbox` the file has no accounts, or `path` is None. `options` of the command line override the `[server]`
    table of both. A reload does not check the names of variables again: the file may name fewer than at the start.
    Raises ConfigurationError if the configuration is invalid.
    """
    content = {} if path is None else {**({} if sandbox else {"accounts": []}), **_read_toml(path)}
    if not is_reload and (problems := unknown_variables(os.environ, _OVERRIDABLE, content)):
        raise ConfigurationError("\n".join(problems[:MAX_PROBLEMS]))
    name = "The environment" if path is None else str(path)
    settings = _validate(content, name, options)
    if problem := choice_problem(path, settings.accounts, sandbox=sandbox):
        raise ConfigurationError(problem)
    check_access(settings)
    if problems := account_problems(settings.accounts):
        raise ConfigurationError("\n  ".join([_HEADING.format(name), *problems]))
    return settings


def check_access(settings: Settings) -> None:
    """Raise ConfigurationError if callers of other machines could read the accounts without authentication."""
    host, access = settings.server.host, settings.access
    if not (access.has_methods or access.mode == "none" or is_loopback(host)):
        raise ConfigurationError(_NO_METHOD.format(host=host))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_regular_file(path).content.decode("utf-8-sig"))
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
        environment = read_overrides()
        overrides = environment.server
        merged = {**content, **_merged(content, "server", {**overrides, **options})}
        merged |= _merged(content, "access", environment.access) | _merged(content, "metrics", environment.metrics)
        return Settings.model_validate(merged)
    except NotATableError as error:
        raise ConfigurationError(str(error)) from None
    except ValidationError as error:
        errors = error.errors(include_input=False, include_url=False)
        heading = _HEADING.format(name)
        raise ConfigurationError(format_problems(heading, errors, Settings, content, overrides)) from None


def _merged(content: dict[str, Any], name: str, overrides: str | dict[str, Any]) -> dict[str, Any]:
    """Return a table of the file with its overrides, under its name. Something that is no table stays as it is."""
    table = content.get(name, {})
    if not overrides:
        return {name: table} if name in content else {}
    if isinstance(overrides, str) or isinstance(table, str):
        return {name: overrides}
    return {name: {**table, **overrides} if isinstance(table, dict) else table}
