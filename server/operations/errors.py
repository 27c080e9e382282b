"""Errors as clients see them: a message, a code, and the account concerned. Everything else is masked and logged."""

import re
from collections.abc import Iterable
from typing import Any

import structlog
from graphql import GraphQLError, GraphQLSyntaxError

from execution.errors import ErrorCode
from execution.turns import give_back
from providers.errors import ProviderError
from resolvers.errors import BadUserInput

from .error_messages import use_graphql_spelling

INTERNAL_ERROR_MESSAGE = "An internal error occurred and was logged under the request id. Report it with that id."
_COERCION = re.compile(
    r"(Variable '\$\w+'|Argument '\w+') has invalid |Too many errors processing var|Variable values are "
)
_log = structlog.get_logger()


def format_errors(errors: Iterable[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """Return the errors as the response states them, and remove their tracebacks.

    The frames of a traceback refer to the executor, which holds the error: a reference cycle.
    """
    formatted_errors = []
    for error in errors:
        give_back()
        formatted_errors.append(format_error(error, request_id))
        _remove_tracebacks(error)
    return formatted_errors


def _remove_tracebacks(error: BaseException) -> None:
    """Remove the tracebacks of an error and of its causes."""
    cause: BaseException | None = error
    while cause is not None and cause.__traceback__ is not None:
        cause.__traceback__ = None
        cause = (isinstance(cause, GraphQLError) and cause.original_error) or cause.__context__


def format_error(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """Return the error as the response states it: a message and a code of the schema, and no internal details.

    An error with the code INTERNAL is logged with its stack. Its message is replaced, and it carries the request id.
    """
    cause = error.original_error
    if isinstance(cause, ProviderError):
        account = cause.account_ref
        return _format(error, error.message, cause.code.name, account=account.id, provider=account.provider)
    if isinstance(cause, BadUserInput):
        return _format(error, error.message, ErrorCode.BAD_USER_INPUT)
    code = _error_code(error)
    if code == ErrorCode.INTERNAL:
        _log.error("An unexpected error occurred.", request_id=request_id, path=error.path, exc_info=cause or error)
        return _format(error, INTERNAL_ERROR_MESSAGE, code, requestId=request_id)
    return _format(error, use_graphql_spelling(error.message), code)


def _error_code(error: GraphQLError) -> str:
    """Return the code in the error's extensions, or else infer one.

    An error in the document or its variables is the client's. Any other is a bug in this service: INTERNAL.
    """
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        return ErrorCode.INTERNAL
    if isinstance(error, GraphQLSyntaxError):
        return ErrorCode.GRAPHQL_PARSE_FAILED
    if error.extensions and "code" in error.extensions:
        return str(error.extensions["code"])
    if _COERCION.match(error.message):
        return ErrorCode.BAD_USER_INPUT
    return ErrorCode.GRAPHQL_VALIDATION_FAILED if error.path is None else ErrorCode.INTERNAL


def _format(error: GraphQLError, message: str, code: str, **extensions: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"message": message, "extensions": {"code": code, **extensions}}
    if error.locations:
        fields["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        fields["path"] = error.path
    return fields
