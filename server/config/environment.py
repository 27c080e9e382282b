"""The variables of the environment: those that override the file, and those that look like settings but are none."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

PREFIX = "INVOICEGRAPH_"
_CONFIG = f"{PREFIX}CONFIG"
# Kubernetes sets these for a Service whose name begins with invoicegraph; so does a container link of Docker.
_SERVICE_LINK = re.compile(r"_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$")
_LINK_ADDRESS = re.compile(r"(tcp|udp|sctp)://")


class NotATableError(Exception):
    """A variable has a value where a table belongs. The message says what to write."""


class Overrides(BaseSettings):
    """The variables such as INVOICEGRAPH_SERVER__PORT and INVOICEGRAPH_ACCESS, which override the file."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__")

    server: dict[str, Any] = {}
    access: str | dict[str, Any] = {}
    metrics: dict[str, Any] = {}


def read_overrides() -> Overrides:
    """Return the variables that override the file. Raises NotATableError if one of them is the name of a table."""
    try:
        return Overrides()
    except (SettingsError, ValidationError):
        names = {name.upper() for name in os.environ}
        table = next(name for name in ("SERVER", "METRICS", "ACCESS") if f"{PREFIX}{name}" in names)
        example = "MODE=none" if table == "ACCESS" else "PORT=8000" if table == "SERVER" else "PORT=9464"
        raise NotATableError(
            f"{PREFIX}{table} cannot be read. Set a variable for each key, such as {PREFIX}{table}__{example}."
        ) from None


def unknown_variables(
    environment: Mapping[str, str], tables: Mapping[str, Iterable[str]], content: Mapping[str, Any]
) -> list[str]:
    """Return a sentence for each variable with the prefix that nothing reads.

    `tables`: the tables that variables override, with their keys. The keys themselves are checked with those of the
    file. `content`: the file, which may name variables for keys.
    """
    known = [_CONFIG, *(f"{PREFIX}{table}".upper() for table in tables)]
    known += [f"{PREFIX}{table}__{key}".upper() for table, keys in tables.items() for key in keys]
    prefixes = tuple(f"{PREFIX}{table}__".upper() for table in tables)
    used = set(_named_variables(content))
    return [
        _problem(name, known)
        for name, value in sorted(environment.items())
        if name.upper().startswith(PREFIX)
        and name.upper() not in known
        and not name.upper().startswith(prefixes)
        and name not in used
        and not _is_service_link(name, value)
    ]


def _problem(name: str, known: list[str]) -> str:
    nearest = get_close_matches(name.upper(), known, 1)
    hint = (
        f"did you mean {nearest[0]}?"
        if nearest
        else f"the variables are {PREFIX}CONFIG and those of [server], [access], [metrics]"
    )
    return f"{name}: this variable does not exist; {hint}{'' if nearest else '.'}"


def _is_service_link(name: str, value: str) -> bool:
    return bool(_SERVICE_LINK.search(name) or (name.endswith("_PORT") and _LINK_ADDRESS.match(value)))


def _named_variables(value: object) -> Iterator[str]:
    """Yield the names in every `{ env = "NAME" }` of a file. Its depth is bounded by the parser."""
    if isinstance(value, dict):
        if isinstance(name := value.get("env"), str):
            yield name
        for member in value.values():
            yield from _named_variables(member)
    elif isinstance(value, list):
        for element in value:
            yield from _named_variables(element)
