"""Coverage: how complete a response is for each account."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

import strawberry

from .connection import Connection

if TYPE_CHECKING:
    from .account import Account

T = TypeVar("T")


@strawberry.enum(description="Completeness of an account's data in a response.")
class CoverageStatus(Enum):
    """From complete to missing."""

    COMPLETE = strawberry.enum_value("COMPLETE", description="All requested data is present.")
    PARTIAL = strawberry.enum_value(
        "PARTIAL",
        description=(
            "Some requested data is missing. `message` says what is missing and why. `code` is null if only "
            "the filter excluded invoices."
        ),
    )
    STALE = strawberry.enum_value(
        "STALE", description="All requested data is present, but it is older than it should be. See `asOf`."
    )
    MISSING = strawberry.enum_value("MISSING", description="None of the requested data is present.")


@strawberry.enum(description="Reason why data is missing or stale, or why a field could not be fetched.")
class FailureCode(Enum):
    """These are also the values of `extensions.code` in errors that a provider causes."""

    UNAUTHORIZED = strawberry.enum_value("UNAUTHORIZED", description="The provider rejected the account's API key.")
    FORBIDDEN = strawberry.enum_value(
        "FORBIDDEN", description="The account's API key has no permission to read invoices."
    )
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND",
        description="The provider does not know what the configuration names, such as an account or an invoice.",
    )
    RATE_LIMITED = strawberry.enum_value(
        "RATE_LIMITED",
        description="The provider limited the request rate, or waiting for the rate limit would exceed the deadline.",
    )
    TIMED_OUT = strawberry.enum_value(
        "TIMED_OUT", description="The provider did not respond before the request's deadline."
    )
    UNAVAILABLE = strawberry.enum_value(
        "UNAVAILABLE",
        description=(
            "The provider was unreachable, broke the connection, or returned another error. Also used while "
            "calls are paused after repeated failures."
        ),
    )
    UNINTELLIGIBLE = strawberry.enum_value(
        "UNINTELLIGIBLE", description="The provider returned a response that does not match its documentation."
    )
    UNLISTED = strawberry.enum_value(
        "UNLISTED",
        description="The provider has no list of invoices. Only the invoices that the configuration names are known.",
    )
    COMPUTING = strawberry.enum_value(
        "COMPUTING", description="The provider is still computing the response. Retry a little later."
    )


@strawberry.type(description="Completeness of a response for one account.")
class Coverage:
    """One entry for each account that the filter allows."""

    account: Annotated["Account", strawberry.lazy("schema.account")] = strawberry.field(
        description="Account that this entry describes."
    )
    status: CoverageStatus = strawberry.field(description="Completeness of the account's data in the response.")
    code: FailureCode | None = strawberry.field(
        description=(
            "Reason why data is missing or stale. Null if all data is present and current, or if only the "
            "filter excluded invoices."
        )
    )
    message: str | None = strawberry.field(
        description="Explanation of the status in plain sentences. Null if there is nothing to explain."
    )
    as_of: datetime | None = strawberry.field(
        description=(
            "Time of the oldest provider response that was used. Null if the provider was not called or did "
            "not respond."
        )
    )


@strawberry.type(description="A page of a list over one or more accounts.")
class CoveredConnection(Connection[T], Generic[T]):
    """A page with the coverage of each account."""

    coverage: list[Coverage] = strawberry.field(
        description="Completeness of the page's data, with exactly one entry for each account that the filter allows."
    )
