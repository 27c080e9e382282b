"""Filters and sort orders of lists."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from .payment import PaymentStatus
from .scalars import CurrencyCode

_EMPTY = "An empty list matches nothing; null applies no filter."
_UNKNOWN = "An unknown ID matches nothing and adds an entry to `extensions.warnings`."


@strawberry.enum(description="Sort order of a list of invoices.")
class InvoiceOrder(Enum):
    """The two orders are exact reverses of each other."""

    NEWEST_FIRST = strawberry.enum_value(
        "NEWEST_FIRST", description="By the start of the billing period, latest first, then by ID in descending order."
    )
    OLDEST_FIRST = strawberry.enum_value("OLDEST_FIRST", description="The exact reverse of `NEWEST_FIRST`.")


NewestFirst = Annotated[InvoiceOrder, strawberry.argument(description="Sort order of the list and of its cursors.")]


@strawberry.enum(description="Category of a charge, as FOCUS defines it.")
class ChargeCategory(Enum):
    """The charge categories of FOCUS."""

    USAGE = strawberry.enum_value("USAGE", description="Charge for consumption.")
    PURCHASE = strawberry.enum_value(
        "PURCHASE", description="Charge for a purchase, such as a guarantee for a commitment."
    )
    TAX = strawberry.enum_value("TAX", description="Charge for a tax.")
    CREDIT = strawberry.enum_value("CREDIT", description="Credit, such as a coupon. Its cost is negative.")
    ADJUSTMENT = strawberry.enum_value("ADJUSTMENT", description="Correction of an earlier charge.")


@strawberry.enum(description="Kind of a credit.")
class CreditKind(Enum):
    """Our own words, not the provider's. Each value names a business fact."""

    FREE = strawberry.enum_value("FREE", description="Usage that is free of charge.")
    SLA = strawberry.enum_value(
        "SLA", description="Usage granted because the provider missed a promised service level."
    )
    COUPON = strawberry.enum_value("COUPON", description="Money deducted by a coupon.")
    REBATE = strawberry.enum_value("REBATE", description="Money that the provider gives back.")


@strawberry.enum(description="State of a credit at an instant.")
class CreditState(Enum):
    """In the order in which they are tested."""

    NOT_STARTED = strawberry.enum_value("NOT_STARTED", description="It can be used later.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="Its time is over.")
    EXHAUSTED = strawberry.enum_value("EXHAUSTED", description="All of it is used.")
    ACTIVE = strawberry.enum_value("ACTIVE", description="It can be used.")


@strawberry.input(description="Filter for invoices. An invoice must match every field that is set.")
class InvoiceFilter:
    """The filter of invoice lists.

    A filter on a fact excludes invoices that do not state it. Coverage counts the excluded invoices.
    """

    providers: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"Only invoices of these providers. {_EMPTY} {_UNKNOWN}",
    )
    accounts: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"Only invoices of these accounts. {_EMPTY} {_UNKNOWN}",
    )
    projects: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only invoices that charge at least one of these projects. {_EMPTY}"
    )
    period_from: date | None = strawberry.field(
        default=strawberry.UNSET, description="Only invoices whose period starts on or after this day, in UTC."
    )
    period_to: date | None = strawberry.field(
        default=strawberry.UNSET, description="Only invoices whose period starts on or before this day, in UTC."
    )
    payment_status: list[PaymentStatus] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only invoices with one of these payment statuses. {_EMPTY}"
    )
    overdue: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only invoices that are overdue now, or that are not. Excludes those of which it is not known.",
    )
    ever_failed: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "Only invoices of which at least one payment failed, or of which none did. Excludes those of which it is "
            "not known."
        ),
    )
    currency: list[CurrencyCode] | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"Only invoices whose total is in one of these currencies. {_EMPTY}",
    )
    total_min: Decimal | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only invoices with a total of at least this amount. Requires exactly one `currency`.",
    )
    total_max: Decimal | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only invoices with a total of at most this amount. Requires exactly one `currency`.",
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "Only invoices that contain this text, ignoring case. Searches the number, the reference, and the "
            "product and description of line items that need no further call."
        ),
    )


@strawberry.input(description="Filter for line items. A line item must match every field that is set.")
class LineItemFilter:
    """The filter of the line items of one invoice."""

    categories: list[ChargeCategory] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only line items of these categories. {_EMPTY}"
    )
    products: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only line items of these products, spelled exactly. {_EMPTY}"
    )
    regions: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only line items of these regions, spelled exactly. {_EMPTY}"
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only line items that contain this text in product or description, ignoring case.",
    )


@strawberry.input(description="Filter for credits. A credit must match every field that is set.")
class CreditFilter:
    """The filter of credits. Accounts that cannot have the requested kinds are not called."""

    kinds: list[CreditKind] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only credits of these kinds. {_EMPTY}"
    )
    accounts: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"Only credits of these accounts. {_EMPTY} {_UNKNOWN}",
    )
    period_from: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only credits on invoices whose period starts on or after this day, in UTC.",
    )
    period_to: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only credits on invoices whose period starts on or before this day, in UTC.",
    )
    expiring_before: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "Only credits that expire before this instant, also those that have expired. Excludes credits without a "
            "stated expiry."
        ),
    )
    expiring_after: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only credits that expire after this instant. Excludes credits without a stated expiry.",
    )
    expiring_within: int | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "Only credits that expire after `asOf` and at most this number of days later, 0 to 3,660. So it excludes "
            "those that have expired, and those without a stated expiry."
        ),
    )
    states: list[CreditState] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only credits in one of these states at `asOf`. {_EMPTY}"
    )
    as_of: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="Instant that `states` and `expiringWithin` refer to. Null for the time of the request.",
    )


InvoiceFilterArg = Annotated[
    InvoiceFilter | None, strawberry.argument(description="Filter for invoices. Null includes all invoices.")
]

LineItemFilterArg = Annotated[
    LineItemFilter | None, strawberry.argument(description="Filter for line items. Null includes all line items.")
]

CreditFilterArg = Annotated[
    CreditFilter | None, strawberry.argument(description="Filter for credits. Null includes all credits.")
]
