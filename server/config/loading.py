"""Loads the configuration from its file and the environment, and checks it completely."""

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from providers.regular_file import read_regular_file
from providers.settings import is_loopback

from .access import AccessSettings
from .environment import NotATableError, read_overrides, unknown_variables
from .messages import MAX_PROBLEMS, format_problems
from .metrics import MetricsSettings
from .sandbox import choice_problem
from .settings import ServerSettings, Settings
from .sources import account_problems

_NO_METHOD = (
    "The service does not listen on {host} without a method of authentication: create an API key with "
    '`invoicegraph keys create NAME --account "*" --file keys.json` and write keys_file = "keys.json" below [access], '
    "or set INVOICEGRAPH_ACCESS__KEYS_FILE=keys.json; or listen on 127.0.0.1; or, if everyone who reaches the port may "
    'read all accounts, write mode = "none" below [access], or set INVOICEGRAPH_ACCESS=none.'
)
_HEADING = "{} is not a valid configuration:"


class ConfigurationError(Exception):
    """The configuration is invalid. The message says where, and what to write instead."""


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
