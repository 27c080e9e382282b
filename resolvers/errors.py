"""A failure as clients see it: a code, the account it is about, a sentence; the rest is masked and logged."""

from typing import Any

import structlog
from graphql import GraphQLError, GraphQLSyntaxError

from providers.errors import ProviderError

_log = structlog.get_logger()


class BadUserInput(Exception):
    """The caller's arguments are out of range, contradict each other, or do not decode."""


def present(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """The error for the answer: nothing of ours in it but a code of the schema and a sentence."""
    cause = error.original_error
    if isinstance(cause, ProviderError):
        owner = cause.owner
        return _formatted(error, cause.code.name, account=owner.id, provider=owner.provider)
    if isinstance(cause, BadUserInput):
        return _formatted(error, "BAD_USER_INPUT")
    if cause is not None and not isinstance(cause, GraphQLError):
        _log.error("unexpected error", request_id=request_id, path=error.path, exc_info=cause)
        masked = GraphQLError(
            "Something went wrong here; it is logged under the request id.", error.nodes, path=error.path
        )
        return _formatted(masked, "INTERNAL", requestId=request_id)
    return _formatted(error, str((error.extensions or {}).get("code") or _code(error)))


def _code(error: GraphQLError) -> str:
    """Of an error of the document or of its variables, which execution never saw."""
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    return "BAD_USER_INPUT" if error.message.startswith("Variable ") else "GRAPHQL_VALIDATION_FAILED"


def _formatted(error: GraphQLError, code: str, **extensions: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"message": error.message, "extensions": {"code": code, **extensions}}
    if error.locations:
        shown["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        shown["path"] = error.path
    return shown
