"""The tolerance of FOCUS 1.4 for sums of rounded amounts: max(100 u, u √n / 2) for n addends and a minor unit u."""

from decimal import Decimal
from math import isqrt

from schema.reconciliation import Verdict
from schema.scalars import EXACT

_UNITS = 100  # minor units that are always within the tolerance


def judge_sum(difference: Decimal, addends: int, unit: Decimal) -> Verdict:
    """Return how far a sum agrees, if it has this difference. `unit` is the minor unit of the currency, such as 0.01.

    Takes no root, so that no rounding decides. Rounding explains half a unit for each addend, within the tolerance.
    """
    if not difference:
        return Verdict.EXACT
    halves = EXACT.divide(EXACT.multiply(2, difference.copy_abs()), unit)  # the difference in half units
    if halves > 2 * _UNITS and EXACT.multiply(halves, halves) > addends:
        return Verdict.MISMATCH
    return Verdict.ROUNDING if halves <= addends else Verdict.WITHIN_TOLERANCE


def tolerance_of(addends: int, unit: Decimal) -> Decimal:
    """Return the largest difference that is no mismatch, rounded down to a hundredth of the unit."""
    return max(_UNITS * unit, isqrt(2_500 * addends) * unit.scaleb(-2))
