"""The id by which a request is found in the log: its caller's own, where that has the form of one."""

import re
from uuid import uuid4

from starlette.types import Scope

_FORM = re.compile(r"[A-Za-z0-9._-]{1,64}")


def header(scope: Scope, wanted: bytes) -> str:
    """The first header of that name, in small letters; empty where there is none."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def request_id(scope: Scope) -> str:
    """The same whenever it is asked for."""
    if "request_id" not in scope:
        given = header(scope, b"x-request-id")
        scope["request_id"] = given if _FORM.fullmatch(given) else uuid4().hex
    found: str = scope["request_id"]
    return found
