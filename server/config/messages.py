"""Messages about an invalid configuration: where the problem is, and what to write instead."""

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from providers import PROVIDERS, SKIPPED_PROVIDERS

MAX_PROBLEMS = 8  # fits on one screen
_HOW_TO_ADD = "write [[accounts]], in two brackets, above the keys of each account"
_ACCOUNTS_MESSAGES = {
    "too_short": f"no account is configured; {_HOW_TO_ADD}, or add --sandbox for simulated accounts",
    "list_type": _HOW_TO_ADD,
    "model_attributes_type": _HOW_TO_ADD,
}
_MESSAGES = {  # by pydantic's error type; pydantic's own messages are written for programmers
    "bool_type": "write true or false, without quotes",
    "float_parsing": "write a number",
    "float_type": "write a number, without quotes",
    "greater_than": "write a number greater than {gt:g}",
    "greater_than_equal": "write {ge:g} or more",
    "int_from_float": "write a whole number",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number, without quotes",
    "less_than_equal": "write {le:g} or less",
    "enum": "write {expected}",
    "literal_error": "write {expected}",
    "model_type": "write a table with the header [{key}]",
    "path_type": 'write a path in quotes: "/…"',
    "string_pattern_mismatch": "write 1 to 32 characters from a-z, 0-9 and -",
    "string_too_short": 'the string is empty; write at least one character: "…"',
    "string_type": 'write a string in quotes: "…"',
    "timezone_aware": "write a time with its offset, such as 2027-01-31T00:00:00Z",
    "too_long": "name at most {max_length} files",
    "tuple_type": 'write a list of strings: ["…", "…"]',
}


def format_problems(
    heading: str,
    errors: Sequence[ErrorDetails],
    model: type[BaseModel],
    content: Mapping[str, Any],
    overrides: Mapping[str, Any],
) -> str:
    """Return the heading and a line for each problem, at most `MAX_PROBLEMS` of them.

    `content` is the file. `overrides` are the keys of `[server]` that the environment sets.
    """
    lines = [heading]
    for error in errors[:MAX_PROBLEMS]:
        message = _message(error, model)
        location = _location(error["loc"], content, overrides)
        lines.append(f"  {location}: {message}{'' if message.endswith('?') else '.'}")
    if len(errors) > MAX_PROBLEMS:
        lines.append(f"  and {len(errors) - MAX_PROBLEMS} more problems.")
    return "\n".join(lines)


def _location(loc: tuple[int | str, ...], content: Mapping[str, Any], overrides: Mapping[str, Any]) -> str:
    """Return the key as it is found in the file, such as: accounts[2] ("cdn") api_key."""
    if len(loc) >= 2 and loc[0] == "server" and loc[1] in overrides:
        return f"INVOICEGRAPH_SERVER__{str(loc[1]).upper()}"
    if loc[0] != "accounts" or len(loc) < 2 or not isinstance(loc[1], int):
        return _key_path(loc)
    account = content["accounts"][loc[1]]
    account_id = account.get("id") if isinstance(account, dict) else None
    label = f" ({json.dumps(account_id, ensure_ascii=False)[:40]})" if isinstance(account_id, str) else ""
    return f"accounts[{loc[1] + 1}]{label} {_key_path(loc[3:])}".strip()


def _key_path(loc: tuple[int | str, ...]) -> str:
    """Return a path such as server.port or invoice_uids[2]. Elements are counted from 1."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in loc)
    return "".join(parts).removeprefix(".")


def _message(error: ErrorDetails, model: type[BaseModel]) -> str:
    loc, error_type = error["loc"], error["type"]
    if error_type == "extra_forbidden":
        return _unknown_key(str(loc[-1]), list(_table_model(loc, model).model_fields))
    if error_type == "missing":
        return f"this key is required; write {_example(str(loc[-1]), _table_model(loc, model))}"
    if error_type.startswith("union_tag_"):
        return _unknown_provider(error.get("ctx", {}).get("tag"))
    if loc[0] == "accounts" and len(loc) < 3 and error_type in _ACCOUNTS_MESSAGES:
        return _ACCOUNTS_MESSAGES[error_type]
    if error_type in _MESSAGES:
        return _MESSAGES[error_type].format(key=loc[-1], **error.get("ctx", {}))
    return error["msg"].removeprefix("Value error, ")


def _unknown_provider(name: object) -> str:
    skipped = next((provider for provider in SKIPPED_PROVIDERS if provider.name == name), None)
    valid_names = f"write provider = {' or '.join(json.dumps(name) for name in PROVIDERS)}"
    if skipped is None:
        return valid_names
    return f'"{skipped.name}" of {skipped.distribution} could not be loaded ({skipped.cause}); {valid_names}'


def _table_model(loc: tuple[int | str, ...], model: type[BaseModel]) -> type[BaseModel]:
    """Return the model of the table that a key belongs to."""
    table = model
    for part in loc[:-1]:
        if table is model and part in PROVIDERS:
            table = PROVIDERS[str(part)].settings
        elif part in table.model_fields:
            annotation = table.model_fields[str(part)].annotation
            candidates = (annotation, *get_args(annotation))  # an optional table is annotated as `Model | None`
            table = next((each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel)), table)
    return table


def _unknown_key(key: str, valid_keys: list[str]) -> str:
    matches = get_close_matches(key, valid_keys, 1)
    hint = f'did you mean "{matches[0]}"?' if matches else f"the valid keys are {', '.join(valid_keys)}"
    return f"this key does not exist; {hint}"


def _example(key: str, model: type[BaseModel]) -> str:
    if key == "api_key":
        return f'{key} = {{ env = "NAME" }}'
    annotation = model.model_fields[key].annotation if key in model.model_fields else str
    return f"{key} = 1" if annotation in (int, float) else f'{key} = "…"'
