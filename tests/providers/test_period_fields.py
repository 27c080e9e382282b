"""The bounds of a payload become a half-open period in UTC."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import fields
from schema.values import BillingPeriod


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("start", "end", "exclusive_end"),
    [
        (utc(2026, 7, 1), utc(2026, 7, 31), utc(2026, 8, 1)),
        (utc(2026, 7, 1), utc(2026, 7, 31, 23, 59, 59), utc(2026, 8, 1)),
        (utc(2026, 7, 1), utc(2026, 7, 31, 23, 59, 59, 999000), utc(2026, 8, 1)),
        (utc(2026, 7, 1), utc(2026, 8, 1), utc(2026, 8, 1)),
        (utc(2025, 12, 1), utc(2026, 1, 1), utc(2026, 1, 1)),
        (utc(2025, 7, 1), utc(2026, 7, 1), utc(2026, 7, 1)),
        (utc(2026, 7, 1), utc(2026, 7, 1), utc(2026, 7, 2)),
        (utc(2026, 7, 1), utc(2026, 7, 31, 12), utc(2026, 7, 31, 12)),
        (utc(2026, 7, 1), utc(2026, 8, 1, 23, 59, 59), utc(2026, 8, 2)),
        (utc(2024, 2, 1), utc(2024, 2, 29), utc(2024, 3, 1)),
        (utc(2026, 7, 1), utc(2026, 8, 20), utc(2026, 8, 21)),
        (utc(2026, 7, 15), utc(2026, 8, 15), utc(2026, 8, 15)),
        (utc(2026, 7, 15), utc(2026, 8, 14), utc(2026, 8, 15)),
        (utc(2026, 7, 15), utc(2026, 7, 15), utc(2026, 7, 16)),
        (utc(2026, 7, 15), utc(2026, 8, 15, 23, 59, 59), utc(2026, 8, 16)),
    ],
)
def test_a_period_has_an_exclusive_end(start: datetime, end: datetime, exclusive_end: datetime) -> None:
    assert fields.period(start, end) == BillingPeriod(start=start, end=exclusive_end)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (None, utc(2026, 7, 1)),
        (utc(2026, 7, 1), None),
        (utc(2026, 7, 2), utc(2026, 7, 1)),
        (utc(9999, 12, 1), utc(9999, 12, 31)),
    ],
)
def test_a_period_needs_both_bounds_in_order(start: datetime | None, end: datetime | None) -> None:
    assert fields.period(start, end) is None


MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(MOMENTS, MOMENTS)
def test_a_period_adds_at_most_one_day(start: datetime, end: datetime) -> None:
    period = fields.period(start, end)

    if period is None:
        assert end < start or end.date() == date.max
    else:
        assert period.start == start
        assert timedelta(0) <= period.end - end <= timedelta(days=1)
        assert period.start < period.end or (start == end and end.time() > datetime.min.time())


@pytest.mark.parametrize(
    ("year", "number", "start", "end"),
    [
        (2026, 9, utc(2026, 9, 1), utc(2026, 10, 1)),
        (2026, 12, utc(2026, 12, 1), utc(2027, 1, 1)),
        (2024, 2, utc(2024, 2, 1), utc(2024, 3, 1)),
    ],
)
def test_a_month_is_a_calendar_month(year: int, number: int, start: datetime, end: datetime) -> None:
    assert fields.month(year, number) == BillingPeriod(start=start, end=end)


@given(st.integers(), st.integers(-3, 15))
def test_an_impossible_month_is_none(year: int, number: int) -> None:
    month = fields.month(year, number)

    assert (month is not None) == (1 < year < 9999 and 1 <= number <= 12)
