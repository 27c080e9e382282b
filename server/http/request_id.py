"""The id of a request, by which the log can be searched: the client's own if it is well-formed, else a new one."""

import re
from uuid import uuid4

from starlette.types import Scope

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")


def header(scope: Scope, name: bytes) -> str:
    """Return the first header with that lower-case name, or an empty string if there is none."""
    return next((text.decode("latin-1") for header_name, text in scope["headers"] if header_name == name), "")


def request_id(scope: Scope) -> str:
    """Return the id of a request. It is stored in the scope, so that it stays the same."""
    if "request_id" not in scope:
        client_id = header(scope, b"x-request-id")
        scope["request_id"] = client_id if _WELL_FORMED.fullmatch(client_id) else uuid4().hex
    value: str = scope["request_id"]
    return value
