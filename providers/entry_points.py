"""Providers of other packages, which the entry-point group `invoicegraph.providers` names."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import get_args

import structlog

from schema import build_schema

from .registry import ProviderSpec
from .settings import AccountSettings

GROUP = "invoicegraph.providers"
_ID = re.compile(r"[a-z0-9-]{1,32}")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SkippedProvider:
    """An entry point that gives no usable provider. `cause` says why."""

    name: str
    distribution: str
    cause: str


def load_providers(
    specs: Iterable[ProviderSpec], entry_points: Iterable[EntryPoint]
) -> tuple[dict[str, ProviderSpec], tuple[SkippedProvider, ...]]:
    """Return the specs and those of the entry points by id, sorted, and the entry points that cannot be used.

    Of several entry points with the same name, the first one by distribution is used.
    """
    providers = {spec.id: spec for spec in specs}
    skipped = []
    for entry_point in sorted(entry_points, key=lambda entry: (entry.name, _distribution(entry), entry.value)):
        try:
            providers[entry_point.name] = _load(entry_point, providers)
        except (Exception, SystemExit) as error:  # noqa: BLE001 (another package's code must not stop the service)
            cause = str(error) if isinstance(error, _UnusableError) else f"{type(error).__name__}: {error}"
            skipped.append(SkippedProvider(entry_point.name, _distribution(entry_point), cause))
    return dict(sorted(providers.items())), tuple(skipped)


def log_skipped(skipped: Iterable[SkippedProvider]) -> None:
    """Log each skipped provider. A command does so once, after it has configured the log."""
    for provider in skipped:
        _log.error(
            "A provider could not be loaded.",
            provider=provider.name,
            distribution=provider.distribution,
            cause=provider.cause,
        )


class _UnusableError(Exception):
    """The entry point names something that cannot be used as a provider."""


def _distribution(entry_point: EntryPoint) -> str:
    distribution = entry_point.dist
    return f"{distribution.name} {distribution.version}" if distribution else "unknown"


def _load(entry_point: EntryPoint, providers: Mapping[str, ProviderSpec]) -> ProviderSpec:
    """Return the provider of an entry point. Raises an exception if it cannot be used beside `providers`."""
    if not _ID.fullmatch(entry_point.name):
        raise _UnusableError("its id is invalid; use 1 to 32 characters from a-z, 0-9 and -")
    if entry_point.name in providers:
        raise _UnusableError("another provider has this id")
    spec = entry_point.load()
    if not isinstance(spec, ProviderSpec):
        raise _UnusableError(f"{entry_point.value} is not a ProviderSpec")
    if spec.id != entry_point.name:
        raise _UnusableError(f'the id of its ProviderSpec is "{spec.id}"; the entry point must have the same name')
    _check_settings(spec)
    build_schema([details for each in (*providers.values(), spec) for details in each.details])
    return spec


def _check_settings(spec: ProviderSpec) -> None:
    """Check that the configuration finds the settings by the id, and that the sandbox's account is valid."""
    model: object = spec.settings
    if not (isinstance(model, type) and issubclass(model, AccountSettings)):
        raise _UnusableError("its settings are no subclass of AccountSettings")
    if get_args(model.model_fields["provider"].annotation) != (spec.id,):
        raise _UnusableError(f'its settings do not declare provider: Literal["{spec.id}"]')
    sandbox = spec.sandbox()
    if sandbox.id != spec.id:
        raise _UnusableError(f'the id of its sandbox is "{sandbox.id}"')
    account = sandbox.account("http://127.0.0.1")
    model.model_validate(account)
    if account.get("provider") != spec.id:
        raise _UnusableError(f'the account of its sandbox does not have "provider": "{spec.id}"')
