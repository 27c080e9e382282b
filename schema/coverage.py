"""How far an answer speaks for each account it was asked of."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

import strawberry

from .connection import Connection

if TYPE_CHECKING:
    from .account import Account

T = TypeVar("T")


@strawberry.enum(description="How much of an account's data an answer holds.")
class CoverageStatus(Enum):
    """From all of it to nothing."""

    COMPLETE = strawberry.enum_value("COMPLETE", description="All of it, for what was asked.")
    PARTIAL = strawberry.enum_value("PARTIAL", description="Some of it: code and message say what is missing and why.")
    STALE = strawberry.enum_value("STALE", description="All of it, but older than it should be: see asOf.")
    MISSING = strawberry.enum_value("MISSING", description="None of it.")


@strawberry.enum(description="Why an answer lacks something, or why a field could not be asked.")
class FailureCode(Enum):
    """Also the values of extensions.code of errors that a provider causes."""

    UNAUTHORIZED = strawberry.enum_value("UNAUTHORIZED", description="The provider refused the account's key.")
    FORBIDDEN = strawberry.enum_value("FORBIDDEN", description="The account's key may not read invoices.")
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="The provider does not know what the configuration names."
    )
    RATE_LIMITED = strawberry.enum_value("RATE_LIMITED", description="The provider asks for fewer requests.")
    TIMED_OUT = strawberry.enum_value(
        "TIMED_OUT", description="The provider did not answer within the request's deadline."
    )
    UNAVAILABLE = strawberry.enum_value(
        "UNAVAILABLE",
        description="The provider could not be reached, broke off, or answered with an error of its own.",
    )
    UNINTELLIGIBLE = strawberry.enum_value(
        "UNINTELLIGIBLE", description="The provider answered with something that is not what it documents."
    )
    UNLISTED = strawberry.enum_value(
        "UNLISTED",
        description="The provider offers no list: only the invoices named in the configuration are known.",
    )
    COMPUTING = strawberry.enum_value(
        "COMPUTING", description="The provider is still computing the answer; ask again a little later."
    )


@strawberry.type(description="How far an answer speaks for one account.")
class Coverage:
    """One for each account that a filter admits."""

    account: Annotated["Account", strawberry.lazy("schema.account")] = strawberry.field(
        description="The account that this entry is about."
    )
    status: CoverageStatus = strawberry.field(description="How much of the account's data the answer holds.")
    code: FailureCode | None = strawberry.field(
        description="Why something is missing. Null when nothing is, or only what the filter left out."
    )
    message: str | None = strawberry.field(description="The same in a sentence. Null when there is nothing to say.")
    as_of: datetime | None = strawberry.field(
        description="The oldest observation that the answer used. Null when nobody was asked or nobody answered."
    )


@strawberry.type(description="One page of a list over one or more accounts.")
class CoveredConnection(Connection[T], Generic[T]):
    """A page that says how far it speaks for each account."""

    coverage: list[Coverage] = strawberry.field(
        description="How far the page speaks for each account that the filter admits: exactly one entry for each."
    )
