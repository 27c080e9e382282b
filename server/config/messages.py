"""What is wrong with a configuration, said to the one who wrote it: where, and what to write instead."""

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from providers import PROVIDERS

MAX_PROBLEMS = 8  # what fits on one screen
_ACCOUNTS = "write [[accounts]], in two brackets, above the keys of each account"
_NO_TABLE = {
    "too_short": f"there is none; {_ACCOUNTS}, or start without a file to see the sandboxes",
    "list_type": _ACCOUNTS,
    "model_attributes_type": _ACCOUNTS,
}
_WORDS = {  # instead of pydantic's, which speak to programmers
    "bool_type": "write true or false, without quotes",
    "float_parsing": "write a number",
    "float_type": "write a number, without quotes",
    "greater_than": "write a number greater than {gt:g}",
    "greater_than_equal": "write {ge:g} or more",
    "int_from_float": "write a whole number",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number, without quotes",
    "less_than_equal": "write {le:g} or less",
    "model_type": "write it as a table: [{key}]",
    "path_type": 'write a path in quotes: "/…"',
    "string_pattern_mismatch": "write 1 to 32 of a-z, 0-9 and -",
    "string_too_short": 'it is empty; write a text: "…"',
    "string_type": 'write a text in quotes: "…"',
    "tuple_type": 'write a list: ["…", "…"]',
}


def format_problems(
    head: str,
    errors: Sequence[ErrorDetails],
    model: type[BaseModel],
    content: Mapping[str, Any],
    overrides: Mapping[str, Any],
) -> str:
    """All the problems on one screen. `overrides` are the keys of `[server]` that the environment gives."""
    lines = [head]
    for error in errors[:MAX_PROBLEMS]:
        what = _what(error, model)
        lines.append(f"  {_where(error['loc'], content, overrides)}: {what}{'' if what.endswith('?') else '.'}")
    if len(errors) > MAX_PROBLEMS:
        lines.append(f"  and {len(errors) - MAX_PROBLEMS} more.")
    return "\n".join(lines)


def _where(loc: tuple[int | str, ...], content: Mapping[str, Any], overrides: Mapping[str, Any]) -> str:
    """A key as the file's author knows it: accounts[2] ("cdn") api_key."""
    if len(loc) == 2 and loc[0] == "server" and loc[1] in overrides:
        return f"INVOICEGRAPH_SERVER__{str(loc[1]).upper()}"
    if loc[0] != "accounts" or len(loc) < 2 or not isinstance(loc[1], int):
        return _key(loc)
    account = content["accounts"][loc[1]]
    name = account.get("id") if isinstance(account, dict) else None
    shown = f" ({json.dumps(name, ensure_ascii=False)[:40]})" if isinstance(name, str) else ""
    return f"accounts[{loc[1] + 1}]{shown} {_key(loc[3:])}".strip()


def _key(loc: tuple[int | str, ...]) -> str:
    """server.port, invoice_uids[2]: counted from 1, as people do."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in loc)
    return "".join(parts).removeprefix(".")


def _what(error: ErrorDetails, model: type[BaseModel]) -> str:
    loc, kind = error["loc"], error["type"]
    if kind == "extra_forbidden":
        return _unknown(str(loc[-1]), list(_model(loc, model).model_fields))
    if kind == "missing":
        return f"is missing; write {_example(str(loc[-1]), _model(loc, model))}"
    if kind.startswith("union_tag_"):
        return f"write provider = {' or '.join(json.dumps(name) for name in PROVIDERS)}"
    if loc[0] == "accounts" and len(loc) < 3 and kind in _NO_TABLE:
        return _NO_TABLE[kind]
    if kind in _WORDS:
        return _WORDS[kind].format(key=loc[-1], **error.get("ctx", {}))
    return error["msg"].removeprefix("Value error, ")


def _model(loc: tuple[int | str, ...], model: type[BaseModel]) -> type[BaseModel]:
    """The table that a key stands in."""
    table = model
    for part in loc[:-1]:
        if table is model and part in PROVIDERS:
            table = PROVIDERS[str(part)].settings
        elif part in table.model_fields:
            annotation = table.model_fields[str(part)].annotation
            named = (annotation, *get_args(annotation))  # a table that may be left out is one of two
            table = next((one for one in named if isinstance(one, type) and issubclass(one, BaseModel)), table)
    return table


def _unknown(key: str, known: list[str]) -> str:
    close = get_close_matches(key, known, 1)
    hint = f'did you mean "{close[0]}"?' if close else f"the keys are {', '.join(known)}"
    return f"there is no such key; {hint}"


def _example(key: str, model: type[BaseModel]) -> str:
    if key == "api_key":
        return f'{key} = {{ env = "NAME" }}'
    annotation = model.model_fields[key].annotation if key in model.model_fields else str
    return f"{key} = 1" if annotation in (int, float) else f'{key} = "…"'
