"""The commands `invoicegraph keys create`, `list` and `revoke`."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from schema.scopes import Scope
from server.access.key_file import changed_keys, read_keys
from server.access.keys import create_key, hash_key
from server.config.keys import KeySettings

_DAYS = re.compile(r"([1-9]\d{0,4})d")
keys = typer.Typer(help="Create, list and revoke API keys.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The name of the key, which the log shows.")]
File = Annotated[
    Path, typer.Option("--file", envvar="INVOICEGRAPH_ACCESS__KEYS_FILE", help="The file that keys_file names.")
]


@keys.command()
def create(
    name: Name,
    account: Annotated[
        list[str], typer.Option(help='An account that the key may read: "*", "fastly/*" or "fastly/cdn"; repeatable.')
    ],
    file: Annotated[
        Path | None,
        typer.Option(
            envvar="INVOICEGRAPH_ACCESS__KEYS_FILE",
            help="The file that keys_file names. Without it, the command prints what to write in the configuration.",
        ),
    ] = None,
    scope: Annotated[list[Scope] | None, typer.Option(help="A permission of the key; repeatable.")] = None,
    expires: Annotated[str | None, typer.Option(help="90d, 2027-01-31, or a time with its offset.")] = None,
) -> None:
    """Create an API key and print it. It is shown this once."""
    with _errors():
        key, now = create_key(), datetime.now(UTC).replace(microsecond=0)
        settings = KeySettings(
            name=name,
            hash=hash_key(key.encode()),
            accounts=tuple(account),
            scopes=tuple(scope or (Scope.INVOICES_READ,)),
            created=now,
            expires=None if expires is None else _expiry(expires, now),
        )
        if file is None:
            typer.echo(_toml(settings), err=True)
        else:
            _add(file, settings)
    typer.echo(key)


@keys.command("list")
def list_keys(file: File) -> None:
    """List the keys of the file, without the keys themselves."""
    with _errors():
        now, rows = datetime.now(UTC), [("NAME", "ACCOUNTS", "SCOPES", "EXPIRES")]
        for key in read_keys(file):
            expires = "never" if key.expires is None else key.expires.isoformat()
            expiry = f"{expires} (expired)" if key.has_expired(now) else expires
            rows.append((key.name, " ".join(key.accounts), " ".join(key.scopes), expiry))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        typer.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


@keys.command()
def revoke(name: Name, file: File) -> None:
    """Revoke a key. A running service refuses it within about a second, and ends its streams."""
    with _errors(), changed_keys(file) as entries:
        remaining = [key for key in entries if key.name != name]
        if len(remaining) == len(entries):
            raise ValueError(f"{file} has no key with the name {name}.")
        entries[:] = remaining


def _add(file: Path, settings: KeySettings) -> None:
    with changed_keys(file) as entries:
        if any(entry.name == settings.name for entry in entries):
            raise ValueError(f"{file} has a key with the name {settings.name} already. Use another name, or revoke it.")
        entries.append(settings)


@contextmanager
def _errors() -> Iterator[None]:
    """Print what went wrong in one sentence, and exit with 1."""
    try:
        yield
    except ValidationError as error:
        problem = error.errors()[0]
        message = f"{problem['loc'][0]}: {problem['msg'].removeprefix('Value error, ')}."
    except OSError as error:
        message = f"The file of keys cannot be written: {error.strerror}."
    except ValueError as error:
        message = str(error)
    else:
        return
    typer.echo(message, err=True)
    sys.exit(1)


def _expiry(text: str, now: datetime) -> datetime:
    """Return the instant that an option names. Raises ValueError if it names none, or one that is past."""
    days = _DAYS.fullmatch(text)
    try:
        expires = now + timedelta(days=int(days[1])) if days else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError("--expires is not a time. Write 90d, 2027-01-31, or 2027-01-31T00:00:00Z.") from None
    expires = expires if expires.tzinfo else expires.replace(tzinfo=UTC)
    if expires <= now:
        raise ValueError("--expires is past. Write a time in the future.")
    return expires


def _toml(key: KeySettings) -> str:
    """Return what to write in the configuration for a key."""
    lists = {name: ", ".join(f'"{value}"' for value in getattr(key, name)) for name in ("accounts", "scopes")}
    expires = [] if key.expires is None else [f"expires = {key.expires.isoformat()}"]
    tables = [f'name = "{key.name}"', f'hash = "{key.hash}"', *(f"{name} = [{text}]" for name, text in lists.items())]
    return "\n".join(["[[access.keys]]", *tables, *expires, ""])
