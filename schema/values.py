"""Value types: money, quantities, billing periods."""

from datetime import datetime
from decimal import Decimal
from typing import TypeVar

import strawberry

from execution.columns import VALUE, InlineShape, ScalarTraits

from .scalars import CANONICAL_DECIMAL, CurrencyCode

T = TypeVar("T")
RAW = "raw"  # tag of the provider's original data, so that a supergraph's contract variant can exclude it


@strawberry.federation.type(shareable=True, description="An exact amount in one currency.")
class Money:
    """An exact amount. Amounts in different currencies are never added."""

    amount: Decimal = strawberry.field(
        description="Exact amount in major units. With the currency `USD`, `12.50` means 12 dollars and 50 cents."
    )
    currency: CurrencyCode = strawberry.field(description="Currency of the amount.")


@strawberry.federation.type(shareable=True, description="An exact number of something other than money.")
class Quantity:
    """An exact number and its unit."""

    amount: Decimal = strawberry.field(description="Exact number of units.")
    unit: str | None = strawberry.field(
        description=(
            "Unit that is counted, such as `credits`. Null if the provider names none. Fastly names none: one unit may "
            "be a block of 10,000 requests, of 1,000,000 requests, or a gigabyte."
        )
    )


@strawberry.federation.type(shareable=True, description="Period that an invoice bills, in UTC.")
class BillingPeriod:
    """A half-open interval."""

    start: datetime = strawberry.field(description="First instant that is billed.")
    end: datetime = strawberry.field(
        description="First instant that is no longer billed. One period ends where the next period starts."
    )


def money_or_none(amount: Decimal | None, currency: CurrencyCode | None) -> Money | None:
    """Return the money if its amount and its currency are known. Returns None otherwise: one alone means nothing."""
    if amount is None or currency is None:
        return None
    return Money(amount=amount, currency=currency)


def unset_to_none(value: T | None) -> T | None:
    """Return the value of an optional argument. Returns None if it is UNSET."""
    return None if value is strawberry.UNSET else value


TRAITS = ScalarTraits(
    verbatim=frozenset({"String", "ID", "CurrencyCode"}),
    total={"Decimal": Decimal, "DateTime": datetime},
    inline={Money: InlineShape({"amount": VALUE, "currency": "currency"}, CANONICAL_DECIMAL)},
)
