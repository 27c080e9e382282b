"""What the wire covers becomes a half-open period in UTC."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import fields
from schema.values import BillingPeriod


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("start", "end", "until"),
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
    ],
)
def test_a_period_ends_with_the_first_instant_no_longer_covered(
    start: datetime, end: datetime, until: datetime
) -> None:
    assert fields.period(start, end) == BillingPeriod(start=start, end=until)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (None, utc(2026, 7, 1)),
        (utc(2026, 7, 1), None),
        (utc(2026, 7, 2), utc(2026, 7, 1)),
        (utc(9999, 12, 1), utc(9999, 12, 31)),
    ],
)
def test_a_period_without_both_ends_in_order_is_none(start: datetime | None, end: datetime | None) -> None:
    assert fields.period(start, end) is None


MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(MOMENTS, MOMENTS)
def test_every_period_holds_what_the_wire_covers_and_at_most_a_day_more(start: datetime, end: datetime) -> None:
    found = fields.period(start, end)

    if found is None:
        assert end < start or end.date() == date.max
    else:
        assert found.start == start
        assert timedelta(0) <= found.end - end <= timedelta(days=1)
        assert found.start < found.end or (start == end and end.time() > datetime.min.time())


@pytest.mark.parametrize(
    ("year", "number", "start", "end"),
    [
        (2026, 9, utc(2026, 9, 1), utc(2026, 10, 1)),
        (2026, 12, utc(2026, 12, 1), utc(2027, 1, 1)),
        (2024, 2, utc(2024, 2, 1), utc(2024, 3, 1)),
    ],
)
def test_a_month_is_the_whole_of_it(year: int, number: int, start: datetime, end: datetime) -> None:
    assert fields.month(year, number) == BillingPeriod(start=start, end=end)


@given(st.integers(), st.integers(-3, 15))
def test_no_number_breaks_a_month(year: int, number: int) -> None:
    found = fields.month(year, number)

    assert (found is not None) == (1 < year < 9999 and 1 <= number <= 12)
