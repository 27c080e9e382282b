"""Failures of authentication. Clients see one sentence for all refusals; the log has the cause."""

from execution.errors import ErrorCode
from schema.coverage import FailureCode

REFUSAL = "This request is not authenticated. Send a valid API key or token in the header Authorization."
UNAVAILABLE = "The service cannot check tokens at the moment. Retry in a moment."


class Unauthenticated(Exception):
    """The caller is not known. `cause` is for the log: it never has a part of a credential."""

    status, code = 401, ErrorCode.UNAUTHENTICATED.value

    def __init__(self, cause: str) -> None:
        super().__init__(REFUSAL)
        self.cause = cause


class KeysUnavailable(Exception):
    """The keys of the issuer have not been fetched yet, so no token can be checked."""

    status, code, retry_after = 503, FailureCode.UNAVAILABLE.name, 1

    def __init__(self) -> None:
        super().__init__(UNAVAILABLE)
