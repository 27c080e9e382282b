"""A failure as clients see it: a code, the account it is about, a sentence; the rest is masked and logged."""

import re
from typing import Any

import structlog
from graphql import GraphQLError, GraphQLSyntaxError

from execution.errors import ErrorCode
from providers.errors import ProviderError
from resolvers.errors import BadUserInput

from .error_messages import graphql_spelling

INTERNAL_ERROR_MESSAGE = "Something went wrong here; it is logged under the request id."
_COERCION = re.compile(
    r"(Variable '\$\w+'|Argument '\w+') has invalid |Too many errors processing var|Variable values are "
)
_log = structlog.get_logger()


def format_error(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """The error for the answer: nothing of ours in it but a code of the schema and a sentence."""
    cause = error.original_error
    if isinstance(cause, ProviderError):
        owner = cause.owner
        return _formatted(error, error.message, cause.code.name, account=owner.id, provider=owner.provider)
    if isinstance(cause, BadUserInput):
        return _formatted(error, error.message, ErrorCode.BAD_USER_INPUT)
    code = _code(error)
    if code == ErrorCode.INTERNAL:
        _log.error("unexpected error", request_id=request_id, path=error.path, exc_info=cause or error)
        return _formatted(error, INTERNAL_ERROR_MESSAGE, code, requestId=request_id)
    return _formatted(error, graphql_spelling(error.message), code)


def _code(error: GraphQLError) -> str:
    """Of an error that names no code itself: of the document, of its variables, or else of ours."""
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        return ErrorCode.INTERNAL
    if isinstance(error, GraphQLSyntaxError):
        return ErrorCode.GRAPHQL_PARSE_FAILED
    if error.extensions and "code" in error.extensions:
        return str(error.extensions["code"])
    if _COERCION.match(error.message):
        return ErrorCode.BAD_USER_INPUT
    return ErrorCode.GRAPHQL_VALIDATION_FAILED if error.path is None else ErrorCode.INTERNAL


def _formatted(error: GraphQLError, message: str, code: str, **extensions: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"message": message, "extensions": {"code": code, **extensions}}
    if error.locations:
        shown["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        shown["path"] = error.path
    return shown
