"""The id by which a request is found in the log: its caller's own, where that has the form of one."""

import re
from uuid import uuid4

_FORM = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(given: str) -> str:
    return given if _FORM.fullmatch(given) else uuid4().hex
