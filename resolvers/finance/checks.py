"""The checks: how each one is judged. What each compares is in `providers.checks`, and in `account_checks`."""

from collections.abc import Iterable
from decimal import Decimal
from enum import Enum, auto
from typing import NamedTuple

import strawberry

from providers.checks import Comparison
from schema.reconciliation import Check, CheckCode, CheckReason, Severity, Verdict
from schema.scalars import EXACT

from .minor_units import minor_unit
from .tolerance import judge_sum, tolerance_of


class Tolerance(Enum):
    """Which difference is no mismatch."""

    NONE = auto()
    FOCUS = auto()  # see `tolerance`


class Rule(NamedTuple):
    """How a comparison is judged."""

    severity: Severity  # of a mismatch
    tolerance: Tolerance


_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
RULES = {
    CheckCode.LINES_TOTAL: Rule(_ERROR, Tolerance.FOCUS),
    CheckCode.LINE_PRODUCT: Rule(_WARNING, Tolerance.FOCUS),  # a rate of several tiers may be an average
    CheckCode.PRODUCTS_TOTAL: Rule(_ERROR, Tolerance.FOCUS),
    CheckCode.PROJECTS_TOTAL: Rule(_ERROR, Tolerance.FOCUS),
    CheckCode.PROJECT_USAGE: Rule(_WARNING, Tolerance.FOCUS),
    CheckCode.PRODUCT_USAGE: Rule(_WARNING, Tolerance.FOCUS),
    CheckCode.TIER_PRICE: Rule(_WARNING, Tolerance.FOCUS),
    CheckCode.GRANT_OVERUSE: Rule(_WARNING, Tolerance.NONE),
    CheckCode.UTILIZATION: Rule(_WARNING, Tolerance.NONE),
    CheckCode.SAVINGS: Rule(_INFO, Tolerance.FOCUS),  # the sign of the rebate is not documented
    CheckCode.CURRENCY: Rule(_WARNING, Tolerance.NONE),
    CheckCode.PAYMENT_HISTORY: Rule(_WARNING, Tolerance.NONE),
    CheckCode.LIST_DETAIL: Rule(_WARNING, Tolerance.NONE),
    CheckCode.LIST_COUNT: Rule(_ERROR, Tolerance.NONE),
    CheckCode.DUPLICATE: Rule(_ERROR, Tolerance.NONE),
    CheckCode.SECOND_INVOICE: Rule(_INFO, Tolerance.NONE),  # it may be a correction
    CheckCode.MONTH_GAP: Rule(_WARNING, Tolerance.NONE),
    CheckCode.OVERLAP: Rule(_WARNING, Tolerance.NONE),
}
SEVERITIES = list(Severity)  # the mildest first
_EVALUATED = (Verdict.EXACT, Verdict.ROUNDING, Verdict.WITHIN_TOLERANCE, Verdict.MISMATCH)  # the best first


def judge(code: CheckCode, comparison: Comparison) -> Check:
    """Return the outcome of a comparison."""
    expected, actual, reason = comparison.expected, comparison.actual, comparison.reason
    if reason is None and (expected is None or actual is None):
        reason = CheckReason.NOT_STATED
    if reason is not None or expected is None or actual is None:
        return _outcome(code, comparison, Verdict.NOT_EVALUABLE, reason=reason)
    difference = EXACT.subtract(actual, expected)
    if RULES[code].tolerance is Tolerance.NONE:
        verdict, tolerance = Verdict.MISMATCH if difference else Verdict.EXACT, Decimal(0)
    else:
        unit = None if comparison.currency is None else minor_unit(comparison.currency)
        if unit is None:
            return _outcome(code, comparison, Verdict.NOT_EVALUABLE, reason=CheckReason.NO_MINOR_UNIT)
        verdict, tolerance = judge_sum(difference, comparison.addends, unit), tolerance_of(comparison.addends, unit)
    if verdict is Verdict.MISMATCH and comparison.doubt is not None:
        return _outcome(code, comparison, Verdict.NOT_EVALUABLE, reason=comparison.doubt)
    return _outcome(code, comparison, verdict, difference=difference, tolerance=tolerance)


def _outcome(
    code: CheckCode,
    comparison: Comparison,
    verdict: Verdict,
    *,
    reason: CheckReason | None = None,
    difference: Decimal | None = None,
    tolerance: Decimal | None = None,
) -> Check:
    return Check(
        code=code,
        verdict=verdict,
        severity=_severity(RULES[code].severity, verdict),
        subject=strawberry.ID(comparison.subject),
        expected=comparison.expected,
        actual=comparison.actual,
        difference=difference,
        tolerance=tolerance,
        currency=comparison.currency,
        unit=comparison.unit,
        reason=reason,
    )


def _severity(of_mismatch: Severity, verdict: Verdict) -> Severity:
    """Return the severity of a verdict: what is within the tolerance is at most a WARNING."""
    if verdict is Verdict.MISMATCH:
        return of_mismatch
    if verdict is Verdict.WITHIN_TOLERANCE:
        return min(of_mismatch, Severity.WARNING, key=SEVERITIES.index)
    return Severity.INFO


def worst(checks: Iterable[Check]) -> Verdict:
    """Return the worst verdict that was evaluated. Returns NOT_EVALUABLE if there is none."""
    verdicts = [check.verdict for check in checks if check.verdict is not Verdict.NOT_EVALUABLE]
    return max(verdicts, key=_EVALUATED.index, default=Verdict.NOT_EVALUABLE)
