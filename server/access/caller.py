"""The caller of a request."""

from dataclasses import dataclass

from resolvers.grants import EVERYTHING, Grants


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request. The name appears in the audit log; it is never a secret."""

    name: str
    grants: Grants


ANONYMOUS = Caller("anonymous", EVERYTHING)  # every caller, if no method of authentication is configured
