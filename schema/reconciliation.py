"""Reconciliation: whether the figures of an invoice agree."""

from decimal import Decimal
from enum import Enum

import strawberry

from .cost import list_size
from .coverage import FailureCode
from .scalars import CurrencyCode

ASSUMED_CHECKS = 10  # of one invoice, by which the cost of an operation counts them


@strawberry.enum(description="How far two figures agree.")
class Verdict(Enum):
    """From the best to the worst, then the one that says nothing."""

    EXACT = strawberry.enum_value("EXACT", description="There is no difference.")
    ROUNDING = strawberry.enum_value(
        "ROUNDING", description="The difference is at most half a minor unit, such as half a cent, for each addend."
    )
    WITHIN_TOLERANCE = strawberry.enum_value(
        "WITHIN_TOLERANCE", description="The difference is larger, but within the tolerance of FOCUS."
    )
    MISMATCH = strawberry.enum_value("MISMATCH", description="The difference is larger than the tolerance.")
    NOT_EVALUABLE = strawberry.enum_value(
        "NOT_EVALUABLE", description="The figures cannot be compared. `reason` says why."
    )


@strawberry.enum(description="How much the outcome of a check matters.")
class Severity(Enum):
    """From the mildest to the worst."""

    INFO = strawberry.enum_value("INFO", description="For the record.")
    WARNING = strawberry.enum_value("WARNING", description="Worth a look.")
    ERROR = strawberry.enum_value("ERROR", description="The bill may be wrong, or incomplete here.")


@strawberry.enum(description="A check. The documentation on finance has the formula of each.")
class CheckCode(Enum):
    """The checks of one invoice, then those of all invoices of an account."""

    LINES_TOTAL = strawberry.enum_value("LINES_TOTAL", description="The total is the sum of the line items.")
    LINE_PRODUCT = strawberry.enum_value(
        "LINE_PRODUCT", description="The cost of a line item is its unit price times its quantity."
    )
    PRODUCTS_TOTAL = strawberry.enum_value("PRODUCTS_TOTAL", description="The total is the sum of the products.")
    PROJECTS_TOTAL = strawberry.enum_value("PROJECTS_TOTAL", description="The total is the sum of the projects.")
    PROJECT_USAGE = strawberry.enum_value("PROJECT_USAGE", description="The cost of a project is the sum of its usage.")
    PRODUCT_USAGE = strawberry.enum_value(
        "PRODUCT_USAGE", description="The cost of a product is the sum of its usage over all projects."
    )
    TIER_PRICE = strawberry.enum_value(
        "TIER_PRICE", description="The cost of a product is the price of its tier times the billed credits."
    )
    GRANT_OVERUSE = strawberry.enum_value("GRANT_OVERUSE", description="No more of a credit is used than was granted.")
    UTILIZATION = strawberry.enum_value("UTILIZATION", description="The used share of a commitment is between 0 and 1.")
    SAVINGS = strawberry.enum_value(
        "SAVINGS", description="The net savings are the gross savings minus the premium plus the rebate."
    )
    CURRENCY = strawberry.enum_value("CURRENCY", description="The currency is stated, and ISO 4217 lists it.")
    PAYMENT_HISTORY = strawberry.enum_value(
        "PAYMENT_HISTORY", description="The payment states do not contradict each other."
    )
    LIST_DETAIL = strawberry.enum_value(
        "LIST_DETAIL", description="The list and the invoice by itself state the same amount."
    )
    LIST_COUNT = strawberry.enum_value(
        "LIST_COUNT", description="The list contains as many invoices as the provider counts."
    )
    DUPLICATE = strawberry.enum_value("DUPLICATE", description="No invoice is there twice, under two ids.")
    SECOND_INVOICE = strawberry.enum_value("SECOND_INVOICE", description="Each period has one invoice.")
    MONTH_GAP = strawberry.enum_value(
        "MONTH_GAP", description="Each month between the first and the last invoice has one."
    )
    OVERLAP = strawberry.enum_value("OVERLAP", description="Periods that differ do not overlap.")


@strawberry.enum(description="Reason why figures could not be compared.")
class CheckReason(Enum):
    """What is missing."""

    NOT_STATED = strawberry.enum_value("NOT_STATED", description="The provider does not state one of the figures.")
    UNREADABLE = strawberry.enum_value(
        "UNREADABLE", description="The provider sent a figure that cannot be read, such as `1,50`."
    )
    ZERO_LEFT_OUT = strawberry.enum_value(
        "ZERO_LEFT_OUT",
        description="The figures differ, and a part is absent. It may be 0, which the provider leaves out, or missing.",
    )
    NO_CURRENCY = strawberry.enum_value("NO_CURRENCY", description="The currency is not known.")
    NO_MINOR_UNIT = strawberry.enum_value(
        "NO_MINOR_UNIT", description="ISO 4217 lists no minor unit of the currency, so there is no tolerance."
    )
    MIXED_CURRENCIES = strawberry.enum_value("MIXED_CURRENCIES", description="The figures have different currencies.")
    DISCOUNT_UNDOCUMENTED = strawberry.enum_value(
        "DISCOUNT_UNDOCUMENTED",
        description="The figures differ, and the provider does not document how the stated discount applies.",
    )
    UNLISTED = strawberry.enum_value(
        FailureCode.UNLISTED.name, description="The provider has no list of invoices, so an absent one proves nothing."
    )
    NOT_READ = strawberry.enum_value(
        "NOT_READ", description="One of the figures was not read, because of the filter, a failure, or a further call."
    )


@strawberry.type(description="The comparison of two figures.")
class Check:
    """One outcome. Numbers are None if they are not known."""

    code: CheckCode = strawberry.field(description="What is compared.")
    verdict: Verdict = strawberry.field(description="How far the figures agree.")
    severity: Severity = strawberry.field(
        description="How much it matters. `INFO` if the figures agree or cannot be compared."
    )
    subject: strawberry.ID = strawberry.field(
        description=(
            "ID of the invoice, line item, credit, project or account that the check is about. `DUPLICATE`, "
            "`SECOND_INVOICE` and `OVERLAP` name the other invoice."
        )
    )
    expected: Decimal | None = strawberry.field(description="What the figure should be. Null if not known.")
    actual: Decimal | None = strawberry.field(description="What it is. Null if not known.")
    difference: Decimal | None = strawberry.field(
        description="`actual` minus `expected`. Null if the figures cannot be compared."
    )
    tolerance: Decimal | None = strawberry.field(
        description=(
            "The largest difference that is no mismatch, rounded down to a hundredth of the minor unit. Null if the "
            "figures cannot be compared."
        )
    )
    currency: CurrencyCode | None = strawberry.field(
        description="Currency of the figures. Null if they are not money, or the currency is not known."
    )
    unit: str | None = strawberry.field(description="What the figures count. Null if they are money.")
    reason: CheckReason | None = strawberry.field(
        description="Why the figures cannot be compared. Null if they were compared."
    )


@strawberry.type(description="How the figures of an invoice agree.")
class Reconciliation:
    """The checks of one invoice."""

    verdict: Verdict = strawberry.field(
        description="The worst verdict of the evaluated checks. `NOT_EVALUABLE` if none could be evaluated."
    )
    checks: list[Check] = strawberry.field(
        directives=[list_size(ASSUMED_CHECKS)],
        description=(
            "All checks that apply to the provider, in the order of `CheckCode`. A check of several parts, such as "
            "line items, appears once for each part that differs by more than rounding. All parts with the verdict "
            "`EXACT` appear as one, and so do those with `ROUNDING` or `NOT_EVALUABLE`: as the one that differs most."
        ),
    )
