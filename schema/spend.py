"""Spend: what invoices charge, added exactly, by month, account, product and other keys."""

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Annotated, NamedTuple

import strawberry

from .account import Account, Provider
from .cost import list_size
from .coverage import Coverage
from .filters import ChargeCategory, InvoiceFilter
from .project import Project
from .rates import ExchangeRate, RateDay
from .scalars import CurrencyCode
from .values import Money

MAX_SPEND_ROWS = 5_000  # of one `spend`
ASSUMED_SPEND_ROWS = 1_000  # by which the cost of an operation counts them


@strawberry.enum(description="A key by which `spend` groups amounts.")
class SpendKey(Enum):
    """Keys of an invoice, and keys of a line or a share."""

    MONTH = strawberry.enum_value("MONTH", description="UTC month in which the invoice's billing period starts.")
    PROVIDER = strawberry.enum_value("PROVIDER", description="Provider.")
    ACCOUNT = strawberry.enum_value("ACCOUNT", description="Account.")
    PROJECT = strawberry.enum_value("PROJECT", description="Charged project.")
    PRODUCT = strawberry.enum_value("PRODUCT", description="Charged product.")
    PRODUCT_GROUP = strawberry.enum_value("PRODUCT_GROUP", description="Wider group of products at the provider.")
    REGION = strawberry.enum_value("REGION", description="Charged region, as the provider names it.")
    CATEGORY = strawberry.enum_value("CATEGORY", description="Category of the charge.")


@strawberry.enum(
    description="A view of the money on invoices. The views show the same money: never add one to another."
)
class SpendBreakdown(Enum):
    """Each view has its own keys."""

    TOTALS = strawberry.enum_value(
        "TOTALS",
        description=(
            "Totals, as the providers state them. Archera states none. Makes no call for line items. Has the keys "
            "`MONTH`, `PROVIDER` and `ACCOUNT`."
        ),
    )
    LINES = strawberry.enum_value("LINES", description="Line items. Has every key except `PROJECT`.")
    PROJECTS = strawberry.enum_value(
        "PROJECTS",
        description=(
            "The shares of projects, and what they leave of the line items. An invoice that is not split by project "
            "counts with its line items. Has the keys `MONTH`, `PROVIDER`, `ACCOUNT`, `PROJECT` and `PRODUCT`."
        ),
    )


@strawberry.enum(description="Reason why a key has no value.")
class Unattributed(Enum):
    """Only PROJECT has other reasons than NOT_STATED."""

    NOT_STATED = strawberry.enum_value("NOT_STATED", description="The provider does not state the value.")
    NOT_SPLIT = strawberry.enum_value("NOT_SPLIT", description="The provider never splits an invoice by project.")
    RESIDUAL = strawberry.enum_value(
        "RESIDUAL",
        description="What the shares of projects leave of the line items. Negative if the shares add up to more.",
    )


class SpendArgs(NamedTuple):
    """The arguments of `spend`, as the caller sent them. They are not checked yet."""

    group_by: Sequence[SpendKey]
    filter_by: InvoiceFilter | None
    breakdown: SpendBreakdown | None
    convert_to: CurrencyCode | None
    convert_on: RateDay


@strawberry.type(
    description=(
        "One exact sum. The field of a key is null if the key was not requested, or has no value here: then "
        "`unattributed` names it."
    )
)
class SpendRow:
    """The sum of the amounts with the same keys and the same currency."""

    month: date | None = strawberry.field(description="First day of the month. Null if not requested.")
    provider: Provider | None = strawberry.field(description="Provider. Null if not requested.")
    account: Account | None = strawberry.field(description="Account. Null if not requested.")
    project: Project | None = strawberry.field(description="Project. Null if not requested, or without a value here.")
    product: str | None = strawberry.field(description="Product. Null if not requested, or without a value here.")
    product_group: str | None = strawberry.field(
        description="Group of products. Null if not requested, or without a value here."
    )
    region: str | None = strawberry.field(description="Region. Null if not requested, or without a value here.")
    category: ChargeCategory | None = strawberry.field(
        description="Category. Null if not requested, or without a value here."
    )
    unattributed: list[SpendKey] = strawberry.field(description="Requested keys that have no value here.")
    because: Unattributed | None = strawberry.field(
        description="Reason why `PROJECT` has no value, or else another key. Null if every requested key has a value."
    )
    currency: CurrencyCode | None = strawberry.field(
        description="Currency of all amounts. Null if no currency is known: then every amount is null."
    )
    billed: Money | None = strawberry.field(
        description="Sum over all categories: what the invoices charge. Null if no amount is known."
    )
    charges: Money | None = strawberry.field(
        description="Sum of the categories `USAGE` and `PURCHASE`. Null in `TOTALS`."
    )
    credits: Money | None = strawberry.field(
        description="Sum of the category `CREDIT`, which is negative. It is part of `billed`. Null in `TOTALS`."
    )
    adjustments: Money | None = strawberry.field(description="Sum of the category `ADJUSTMENT`. Null in `TOTALS`.")
    taxes: Money | None = strawberry.field(
        description=(
            "Sum of the category `TAX`. Null if nothing has this category: other amounts may still include taxes."
        )
    )
    invoices: int = strawberry.field(description="Number of invoices.")
    lines: int = strawberry.field(
        description="Number of amounts to add: line items, or shares of projects. In `TOTALS`, the invoices."
    )
    unpriced: int = strawberry.field(
        description="How many of `lines` state no amount or no currency. They are in no sum."
    )
    converted: Money | None = strawberry.field(
        description=(
            "`billed` in the requested currency. Each invoice is converted by its own rate and rounded half up to the "
            "minor unit, then added. Null if no conversion was requested, or if a rate is missing."
        )
    )
    rates: list[ExchangeRate] | None = strawberry.field(
        description="Different rates used, by day. Null if nothing was converted."
    )


@strawberry.type(description="Exact sums of what invoices charge.")
class Spend:
    """The rows, their totals, and how complete they are."""

    rows: list[SpendRow] = strawberry.field(
        directives=[list_size(ASSUMED_SPEND_ROWS)],
        description=(
            "One row for each combination of keys in each currency. Sorted by the keys in the requested order, "
            f"null last, then by currency. More than {MAX_SPEND_ROWS:,} rows are an error."
        ),
    )
    totals: list[SpendRow] = strawberry.field(
        description="The sum of the rows of each currency. Their keys are null, because none is requested of them."
    )
    breakdown: SpendBreakdown = strawberry.field(description="The view that was added.")
    coverage: list[Coverage] = strawberry.field(
        description="Completeness of the sums, with exactly one entry for each account that the filter allows."
    )


GroupBy = Annotated[
    list[SpendKey],
    strawberry.argument(
        description="Keys of the rows, outermost first. Currency is always one more. `[]` gives one row per currency."
    ),
]
Breakdown = Annotated[
    SpendBreakdown | None,
    strawberry.argument(
        description=(
            "View of the money. Null means `PROJECTS` if `PROJECT` is a key or the filter names projects, else "
            "`LINES`. A key that the view does not have is an error."
        )
    ),
]
SpendFilterArg = Annotated[
    InvoiceFilter | None,
    strawberry.argument(
        description=(
            "Filter for the invoices to add. Null adds all invoices. With `projects`, only the shares of these "
            "projects are added."
        )
    ),
]
ConvertTo = Annotated[
    CurrencyCode | None,
    strawberry.argument(
        description="Currency in which to give each sum too, by the operator's exchange rates. Null converts nothing."
    ),
]
