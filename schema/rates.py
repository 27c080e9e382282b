"""Exchange rates of the operator, and amounts that are converted by them."""

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from .scalars import CurrencyCode
from .values import Money


@strawberry.enum(description="The day whose exchange rate converts an amount.")
class RateDay(Enum):
    """The day is one of each invoice, or today."""

    PERIOD_END = strawberry.enum_value(
        "PERIOD_END", description="The last day of the invoice's billing period, in UTC."
    )
    ISSUED = strawberry.enum_value(
        "ISSUED", description="The day of issue, in UTC. There is no rate if the provider does not state it."
    )
    TODAY = strawberry.enum_value("TODAY", description="Today, in UTC.")


TargetCurrency = Annotated[
    CurrencyCode, strawberry.argument(description="Currency to convert to. It needs a minor unit in ISO 4217.")
]
OnRateDay = Annotated[RateDay, strawberry.argument(description="The day whose rate converts the amount.")]


@strawberry.type(description="An exchange rate from the operator's files. One `base` is worth `rate` of `quote`.")
class ExchangeRate:
    """One rate of one day."""

    base: CurrencyCode = strawberry.field(description="Currency of which the rate gives the value of one.")
    quote: CurrencyCode = strawberry.field(description="Currency in which the value is given.")
    rate: Decimal = strawberry.field(description="Value of one `base` in `quote`, with the digits of the file.")
    day: date = strawberry.field(
        name="date",
        description="Day of the rate. It is the requested day, or the newest of the 7 days before that has a rate.",
    )
    source: str = strawberry.field(
        description="Source of the rate, as the operator names it. `ECB` for the ECB's file."
    )


@strawberry.type(description="An amount that this service converted, and the rates by which it did.")
class ConvertedMoney:
    """Derived: no provider states it."""

    money: Money = strawberry.field(description="Converted amount, rounded half up to the minor unit of its currency.")
    rates: list[ExchangeRate] = strawberry.field(
        description=(
            "Rates used: one, or two by way of a third currency. Empty if the amount was in this currency already."
        )
    )
