"""The tables of the configuration, and the checks of their values. `loading` reads them from a file."""

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
    ValidationInfo,
    field_validator,
)

from providers import PROVIDERS
from providers.settings import MAX_PORT, AccountSettings

from .access import NO_ACCESS_CONTROL, AccessSettings
from .cache import DEFAULT_CACHE, CacheSettings
from .export import DEFAULT_EXPORT, ExportSettings
from .hosts import ANY_HOST, parse_host
from .manifests import Manifest, read_manifest
from .metrics import MetricsSettings
from .origin import parse_origin
from .rates import NO_RATE_FILES, RatesSettings

_AnyAccount: Any = reduce(or_, (spec.settings for spec in PROVIDERS.values()))

MAX_WORKERS = 32


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
    console: bool = True  # false: no page at /
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
