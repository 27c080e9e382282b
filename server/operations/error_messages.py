"""graphql-core's messages as GraphQL spells things: it writes names and values the way Python does."""

import re

_SUGGESTION = re.compile(r"[.,]? did you mean .*\?$", re.DOTALL | re.IGNORECASE)
_CONSTANTS = {"None": "null", "True": "true", "False": "false"}
# A text in double quotes is one already. A single quote within a word is an apostrophe.
_PYTHON = re.compile(r"""(?<!\w)'((?:[^'\\]|\\.|'(?=\w))*)'|"(?:[^"\\]|\\.)*"|\b(?:None|True|False)\b""", re.DOTALL)
_ESCAPE = re.compile(r"""\\x([0-9a-f]{2})|\\U([0-9a-f]{8})|\\.|\"""", re.DOTALL)


def graphql_spelling(message: str) -> str:
    """The same sentence with texts in double quotes and GraphQL's constants, and without a suggestion."""
    if message.endswith("?"):  # only then, since looking for one in a long text takes long
        message = _SUGGESTION.sub(".", message)
    return _PYTHON.sub(_spelled, message)


def _spelled(found: re.Match[str]) -> str:
    if found[1] is not None:
        return f'"{_ESCAPE.sub(_escaped, found[1])}"'
    return _CONSTANTS.get(found[0], found[0])


def _escaped(found: re.Match[str]) -> str:
    if found[1]:
        return f"\\u00{found[1]}"
    if found[2]:
        return f"\\u{{{found[2].lstrip('0')}}}"
    return {"\\'": "'", '"': '\\"'}.get(found[0], found[0])
