"""Filters and orders: what a list may be asked to leave out, and how it is sorted."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from .payment import PaymentStatus
from .values import CurrencyCode

_EMPTY = "[] matches nothing, null filters nothing"


@strawberry.enum(description="The order of a list of invoices.")
class InvoiceOrder(Enum):
    """Both orders are exact reverses of each other."""

    NEWEST_FIRST = strawberry.enum_value("NEWEST_FIRST", description="By the period's start, latest first; then by id.")
    OLDEST_FIRST = strawberry.enum_value("OLDEST_FIRST", description="The exact reverse of NEWEST_FIRST.")


NewestFirst = Annotated[InvoiceOrder, strawberry.argument(description="The order of the list, and of its cursors.")]


@strawberry.enum(description="What a line charges for, in the words of FOCUS.")
class ChargeCategory(Enum):
    """FOCUS charge categories."""

    USAGE = strawberry.enum_value("USAGE", description="Something was consumed.")
    PURCHASE = strawberry.enum_value(
        "PURCHASE", description="Something was bought, such as a guarantee for a commitment."
    )
    TAX = strawberry.enum_value("TAX", description="A tax.")
    CREDIT = strawberry.enum_value("CREDIT", description="Something granted, such as a coupon; its cost is negative.")
    ADJUSTMENT = strawberry.enum_value("ADJUSTMENT", description="A correction of an earlier charge.")


@strawberry.enum(description="What kind of grant a credit is.")
class CreditKind(Enum):
    """Closed on purpose: each names a business fact."""

    FREE = strawberry.enum_value("FREE", description="Usage that is free.")
    SLA = strawberry.enum_value("SLA", description="Usage granted because a promised level of service was missed.")
    COUPON = strawberry.enum_value("COUPON", description="Money off by a coupon.")
    REBATE = strawberry.enum_value("REBATE", description="Money given back.")


@strawberry.input(description="Which invoices to list. Every part that is given has to match.")
class InvoiceFilter:
    """A filter on a fact leaves out invoices that do not state it, and coverage counts them."""

    providers: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"Only these providers. {_EMPTY}, an unknown id matches nothing.",
    )
    accounts: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only these accounts. {_EMPTY}, an unknown id matches nothing."
    )
    projects: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only invoices that charge one of these projects. {_EMPTY}."
    )
    period_from: date | None = strawberry.field(
        default=strawberry.UNSET, description="Only periods that start on or after this day, in UTC."
    )
    period_to: date | None = strawberry.field(
        default=strawberry.UNSET, description="Only periods that start on or before this day, in UTC."
    )
    payment_status: list[PaymentStatus] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only invoices whose payment stands at one of these. {_EMPTY}."
    )
    currency: list[CurrencyCode] | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"Only invoices whose total is in one of these currencies. {_EMPTY}.",
    )
    total_min: Decimal | None = strawberry.field(
        default=strawberry.UNSET, description="Only totals of at least this; needs exactly one currency."
    )
    total_max: Decimal | None = strawberry.field(
        default=strawberry.UNSET, description="Only totals of at most this; needs exactly one currency."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "Only invoices that contain this text, whatever its case, in their number, their reference, or the "
            "product or description of lines that need no further call."
        ),
    )


@strawberry.input(description="Which lines of an invoice to list. Every part that is given has to match.")
class LineItemFilter:
    """Applied to the lines of one invoice."""

    categories: list[ChargeCategory] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only lines of these categories. {_EMPTY}."
    )
    products: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only lines of these products, spelled exactly. {_EMPTY}."
    )
    regions: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only lines of these regions, spelled exactly. {_EMPTY}."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only lines that contain this text in product or description, whatever its case.",
    )


@strawberry.input(description="Which credits to list. Every part that is given has to match.")
class CreditFilter:
    """Accounts that cannot have the kinds asked for are not called."""

    kinds: list[CreditKind] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only credits of these kinds. {_EMPTY}."
    )
    accounts: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only these accounts. {_EMPTY}, an unknown id matches nothing."
    )
    period_from: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only invoices whose period starts on or after this day, in UTC.",
    )
    period_to: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only invoices whose period starts on or before this day, in UTC.",
    )
    expiring_before: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only credits that expire before this instant; those that never say so are left out.",
    )


Invoices = Annotated[InvoiceFilter | None, strawberry.argument(description="Which invoices to list; null lists all.")]

LineItems = Annotated[LineItemFilter | None, strawberry.argument(description="Which lines to list; null lists all.")]

Credits = Annotated[CreditFilter | None, strawberry.argument(description="Which credits to list; null lists all.")]
