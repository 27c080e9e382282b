"""Error codes of the GraphQL layer."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """The values of `extensions.code` for errors of the caller or of this service.

    FailureCode has the values for errors of a provider.
    """

    BAD_USER_INPUT = "BAD_USER_INPUT"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    MISSING_SCOPE = "MISSING_SCOPE"
    FOCUS_GAPS = "FOCUS_GAPS"
    UNREPRESENTABLE = "UNREPRESENTABLE"
    INTERNAL = "INTERNAL"
