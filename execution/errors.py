"""The values of extensions.code that an error can have besides those of FailureCode."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """What the caller did, or what is wrong here; FailureCode says what a provider did."""

    BAD_USER_INPUT = "BAD_USER_INPUT"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    INTERNAL = "INTERNAL"
