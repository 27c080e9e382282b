"""Rewrites graphql-core's messages, which spell names and values as Python does, in GraphQL's spelling."""

import re

_CONSTANTS = {"None": "null", "True": "true", "False": "false"}
# A string in double quotes is GraphQL already and stays as it is. A single quote within a word is an apostrophe.
_PYTHON_LITERAL = re.compile(
    r"""(?<!\w)'((?:[^'\\]|\\.|'(?=\w))*)'|"(?:[^"\\]|\\.)*"|\b(?:None|True|False)\b""", re.DOTALL
)
_ESCAPE = re.compile(r"""\\x([0-9a-f]{2})|\\U([0-9a-f]{8})|\\.|\"""", re.DOTALL)


def use_graphql_spelling(message: str) -> str:
    """Return the message with strings in double quotes and with GraphQL's constants."""
    return _PYTHON_LITERAL.sub(_respell, message)


def _respell(literal: re.Match[str]) -> str:
    if literal[1] is not None:
        return f'"{_ESCAPE.sub(_respell_escape, literal[1])}"'
    return _CONSTANTS.get(literal[0], literal[0])


def _respell_escape(escape: re.Match[str]) -> str:
    if escape[1]:
        return f"\\u00{escape[1]}"
    if escape[2]:
        return f"\\u{{{escape[2].lstrip('0')}}}"
    return {"\\'": "'", '"': '\\"'}.get(escape[0], escape[0])
