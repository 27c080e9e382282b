"""The tolerance of FOCUS 1.4, with the vectors that its specification publishes."""

from decimal import Decimal

import pytest

from resolvers.finance.tolerance import judge_sum, tolerance_of
from schema.reconciliation import Verdict

CENT = Decimal("0.01")
PASSES = {Verdict.EXACT, Verdict.ROUNDING, Verdict.WITHIN_TOLERANCE}


@pytest.mark.parametrize(
    ("addends", "expected", "actual", "limit", "passes"),
    [
        (5, "12.50", "12.52", "1.00", True),
        (5, "10.00", "15.00", "1.00", False),
        (1_000_000, "5000000.00", "5000004.50", "5.00", True),
        (1_000_000, "5000000.00", "5000015.00", "5.00", False),
    ],
)
def test_published_vectors(addends: int, expected: str, actual: str, limit: str, *, passes: bool) -> None:
    verdict = judge_sum(Decimal(actual) - Decimal(expected), addends, CENT)

    assert tolerance_of(addends, CENT) == Decimal(limit)
    assert (verdict in PASSES) is passes


@pytest.mark.parametrize(
    ("difference", "addends", "unit", "verdict"),
    [
        ("0", 1, "0.01", Verdict.EXACT),
        ("0.00", 0, "0.01", Verdict.EXACT),
        ("0.005", 1, "0.01", Verdict.ROUNDING),
        ("-0.005", 1, "0.01", Verdict.ROUNDING),
        ("0.0051", 1, "0.01", Verdict.WITHIN_TOLERANCE),
        ("0.01", 0, "0.01", Verdict.WITHIN_TOLERANCE),
        ("1.00", 5, "0.01", Verdict.WITHIN_TOLERANCE),
        ("-1.00", 5, "0.01", Verdict.WITHIN_TOLERANCE),
        ("1.001", 5, "0.01", Verdict.MISMATCH),
        ("1.00", 200, "0.01", Verdict.ROUNDING),
        ("1.005", 201, "0.01", Verdict.MISMATCH),  # rounding explains it, but it is over the tolerance
        ("4.99", 1_000_000, "0.01", Verdict.ROUNDING),
        ("5.00", 1_000_000, "0.01", Verdict.ROUNDING),
        ("5.0000001", 1_000_000, "0.01", Verdict.MISMATCH),
        ("100", 3, "1", Verdict.WITHIN_TOLERANCE),  # yen
        ("101", 3, "1", Verdict.MISMATCH),
        ("0.1", 3, "0.001", Verdict.WITHIN_TOLERANCE),  # dinars
        ("0.101", 3, "0.001", Verdict.MISMATCH),
    ],
)
def test_verdicts(difference: str, addends: int, unit: str, verdict: Verdict) -> None:
    assert judge_sum(Decimal(difference), addends, Decimal(unit)) is verdict


@pytest.mark.parametrize(
    ("addends", "unit", "limit"),
    [
        (0, "0.01", "1.00"),
        (40_000, "0.01", "1.00"),
        (40_001, "0.01", "1.0000"),
        (50_000, "0.01", "1.1180"),
        (50_000, "1", "111.80"),
        (3, "0.001", "0.100"),
    ],
)
def test_limit_is_rounded_down(addends: int, unit: str, limit: str) -> None:
    assert tolerance_of(addends, Decimal(unit)) == Decimal(limit)
