"""Failures of authentication. Clients see one sentence for all of them; the log has the cause."""

REFUSAL = "This request is not authenticated. Send a valid API key or token: see the documentation of access."


class Unauthenticated(Exception):
    """The caller is not known. `cause` is for the log: it never has a part of a credential."""

    def __init__(self, cause: str) -> None:
        super().__init__(REFUSAL)
        self.cause = cause
