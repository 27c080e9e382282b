"""The configuration: a TOML file, checked as a whole before anything starts."""

import json
import tomllib
from difflib import get_close_matches
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from providers import PROVIDERS
from providers.settings import AccountSettings

MOST_ERRORS = 12  # what fits on one screen
AnyAccount: Any = reduce(or_, (kind.settings for kind in PROVIDERS.values()))


class ConfigurationError(Exception):
    """The configuration cannot be used; the message says where, and what to write instead."""


class ServerSettings(BaseModel):
    """The `[server]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    deadline: Annotated[float, Field(gt=0, le=300)] = 10  # seconds for one request, providers included


class Settings(BaseSettings):
    """The whole file; INVOICEGRAPH_SERVER__PORT and its like override the `[server]` table."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        env_prefix="INVOICEGRAPH_",
        env_nested_delimiter="__",
    )

    server: ServerSettings = ServerSettings()
    accounts: Annotated[list[Annotated[AnyAccount, Field(discriminator="provider")]], Field(min_length=1)]

    @field_validator("accounts")
    @classmethod
    def _unique(cls, accounts: list[AccountSettings]) -> list[AccountSettings]:
        names = [account.id for account in accounts]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f'two accounts have the id "{twice}"; use each id once, whatever the provider')
        return accounts

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (pydantic-settings calls it by keyword)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


def load(path: Path) -> Settings:
    """Reads and checks a file; raises ConfigurationError."""
    try:
        content = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}.") from None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    return check(content, str(path))


def check(content: dict[str, Any], name: str) -> Settings:
    """The settings in a file's content; raises ConfigurationError, which calls the file by `name`."""
    try:
        return Settings(**content)
    except SettingsError as error:
        raise ConfigurationError(f"The environment variable cannot be read: {error}.") from None
    except ValidationError as error:
        problems = [_problem(found, content) for found in error.errors(include_input=False, include_url=False)]
        shown = [f"  {problem}" for problem in problems[:MOST_ERRORS]]
        if len(problems) > MOST_ERRORS:
            shown.append(f"  and {len(problems) - MOST_ERRORS} more")
        raise ConfigurationError("\n".join([f"{name} cannot be used:", *shown])) from None


def _problem(error: Any, content: dict[str, Any]) -> str:
    """One line: where, and what to write instead."""
    where = _where(list(error["loc"]), content)
    match error["type"]:
        case "extra_forbidden":
            return f"{where}: there is no such key{_meant(error['loc'])}."
        case "missing":
            return f"{where}: is missing."
        case "union_tag_invalid" | "union_tag_not_found":
            return f"{where}: write provider = {' or '.join(json.dumps(name) for name in PROVIDERS)}."
        case "string_pattern_mismatch":
            return f"{where}: write 1 to 32 of a-z, 0-9 and -."
        case "too_short" if error["loc"] == ("accounts",):
            return "accounts: write at least one [[accounts]] table, or start without a file to see the sandboxes."
        case _:
            said = str(error["msg"]).removeprefix("Value error, ")
            return f"{where}: {said}."


def _where(loc: list[Any], content: dict[str, Any]) -> str:
    """A key as the file's author knows it: accounts[2] ("cdn") api_key."""
    if loc[:1] != ["accounts"] or len(loc) < 2:
        return ".".join(map(str, loc))
    number = loc[1]
    rest = loc[3:] if len(loc) > 2 and loc[2] in PROVIDERS else loc[2:]
    try:
        name = f' ("{content["accounts"][number]["id"]}")'
    except (LookupError, TypeError):
        name = ""
    return " ".join([f"accounts[{number + 1}]{name}", ".".join(map(str, rest))]).strip()


def _meant(loc: tuple[Any, ...]) -> str:
    """The key that a misspelt one is close to."""
    model: Any = Settings
    if loc[0] == "server" and len(loc) > 1:
        model = ServerSettings
    elif loc[0] == "accounts" and len(loc) > 3:
        model = PROVIDERS[loc[2]].settings
    close = get_close_matches(str(loc[-1]), model.model_fields, 1)
    return f'; did you mean "{close[0]}"?' if close else f"; there are {', '.join(model.model_fields)}"
