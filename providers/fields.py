"""How a value is read off the wire: one function for each kind, the same for every provider and endpoint.

Absent, null, blank and zero dates are null. What is there but cannot be read is null too; a warning names
the key, and `raw` keeps the original. Numbers arrive as int or as the text of their digits, never as float.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import structlog

from schema.scalars import EXACT, format_decimal, parse_decimal
from schema.values import BillingPeriod, Quantity

Wire = Mapping[str, Any]
_log = structlog.get_logger()
_UNPADDED = re.compile(r"(0|[1-9][0-9]{0,14})(\.[0-9]{0,14}[1-9])?")  # as most numbers come
_MONTHS = 1_000  # that are remembered: invoices are of the same ones again and again
_SECOND_TO_MIDNIGHT, _DAY = time(23, 59, 59), timedelta(days=1)


def _unreadable(key: str, kind: str) -> None:
    _log.warning("a value on the wire cannot be read", key=key, expected=kind)


def text(wire: Wire, key: str, *others: str) -> str | None:
    """The first of the keys that has a text; a number is its digits."""
    value = wire.get(key)
    if value.__class__ is str:
        if value and not value.isspace():
            return value
    elif value.__class__ is int:
        return str(value)
    elif value is not None:
        _unreadable(key, "text")
    return text(wire, *others) if others else None


def number(wire: Wire, key: str) -> Decimal | None:
    """An exact number from a JSON number or a numeric string; never from a bool, a blank or `"1,234.5"`."""
    value = wire.get(key)
    if value is None or value == "":
        return None
    found = None
    if value.__class__ is str:
        found = parse_decimal(value)
    elif value.__class__ is int:
        found = parse_decimal(str(value))
    if found is None:
        _unreadable(key, "number")
    return found


def canonical_number(wire: Wire, key: str) -> str | None:
    """A number in plain notation, the same however it is written and padded."""
    value = wire.get(key)
    if value.__class__ is str and _UNPADDED.fullmatch(value):
        return value
    found = number(wire, key)
    return None if found is None else format_decimal(found.normalize(EXACT))


def quantity(wire: Wire, key: str, unit: str | None) -> Quantity | None:
    amount = number(wire, key)
    return None if amount is None else Quantity(amount=amount, unit=unit)


def integer(wire: Wire, key: str) -> int | None:
    """An integer such as a year or a count."""
    value = wire.get(key)
    if value.__class__ is int:
        return value
    found = number(wire, key)
    return int(found) if found is not None and found == found.to_integral_value() else None


def instant(wire: Wire, key: str) -> datetime | None:
    """An instant in UTC; the zero date of Go's `time.Time` says that there is none."""
    value = text(wire, key)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not UTC:
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        _unreadable(key, "date")
        return None
    return moment if moment.year > 1 else None


def day(wire: Wire, key: str) -> date | None:
    moment = instant(wire, key)
    return moment.date() if moment else None


def mapping(wire: Wire, key: str) -> Any:
    """A nested object; empty where there is none."""
    value = wire.get(key)
    if isinstance(value, dict):
        return value
    if value is not None:
        _unreadable(key, "object")
    return {}


def objects(wire: Wire, key: str) -> list[Any] | None:
    """A list of objects; null where the wire has none, empty where it says that there are none."""
    value = wire.get(key)
    if value is None:
        return None
    if not isinstance(value, list):
        _unreadable(key, "list")
        return None
    found = [item for item in value if isinstance(item, dict)]
    if len(found) < len(value):
        _unreadable(key, "list of objects")
    return found


def period(start: datetime | None, end: datetime | None) -> BillingPeriod | None:
    """A billing period whose end the wire gives as its last day.

    That day, at 00:00 or 23:59:59, ends with the next midnight. Midnight on the 1st of a later month is
    the exclusive end already, and an end inside a day is an instant of its own: both are kept.
    """
    if start is None or end is None or end < start:
        return None
    clock = end.time()
    later_month = end.day == 1 and (end.year, end.month) != (start.year, start.month)
    if clock >= _SECOND_TO_MIDNIGHT or (clock == time.min and not later_month):
        try:
            end = datetime.combine(end.date() + _DAY, time.min, end.tzinfo)
        except OverflowError:
            return None
    return BillingPeriod(start=start, end=end)


@lru_cache(_MONTHS)
def month(year: int, number_of_month: int) -> BillingPeriod | None:
    """The whole of one month."""
    if not (1 < year < date.max.year and 1 <= number_of_month <= 12):
        return None
    start = datetime(year, number_of_month, 1, tzinfo=UTC)
    return BillingPeriod(start=start, end=(start + timedelta(days=31)).replace(day=1))
