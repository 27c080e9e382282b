"""The caller of a request."""

from dataclasses import dataclass

from resolvers.grants import EVERYTHING, Grants

from .errors import Unauthenticated

MAX_NAME = 200  # characters


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request. The name appears in the audit log; it is never a secret."""

    name: str
    grants: Grants


ANONYMOUS = Caller("anonymous", EVERYTHING)  # every caller, if no method of authentication is configured


def caller_name(method: str, name: object) -> str:
    """Return the name of a caller, after that of its method: two methods may know the same name.

    Raises Unauthenticated if `name` is no printable text of 1 to MAX_NAME characters.
    """
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= MAX_NAME:
        raise Unauthenticated(f"the name of the caller is no printable text of 1 to {MAX_NAME} characters")
    return f"{method}:{name}"
