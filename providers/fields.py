"""Typed reads of JSON fields: one function for each type, the same for every provider and endpoint.

Absent, null and blank values, and zero dates, are None. A value of another type is None too, or an error if it is an
amount of money. A warning then names its key, and the GraphQL field `raw` still shows it. Numbers are decoded as int or
as the text of their digits, never as float.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import structlog

from schema.scalars import EXACT, format_decimal, parse_decimal, parse_rfc3339
from schema.values import BillingPeriod, Quantity

from .account import AccountRef
from .errors import Unintelligible

Payload = Mapping[str, Any]
_log = structlog.get_logger()
_UNREADABLE = "A field of a provider's response has an unexpected value."
_CANONICAL_NUMBER = re.compile(r"(0|[1-9][0-9]{0,14})(\.[0-9]{0,14}[1-9])?")  # the form of most numbers
_MAX_CACHED_MONTHS = 1_000  # the same months occur in invoice after invoice
_LAST_SECOND, _DAY = time(23, 59, 59), timedelta(days=1)


def _log_unreadable(key: str, expected: str) -> None:
    _log.warning(_UNREADABLE, key=key, expected=expected)


def text(payload: Payload, key: str, *fallback_keys: str) -> str | None:
    """Return the first text that is not blank under one of the keys. A number is returned as its digits."""
    value = payload.get(key)
    if value.__class__ is str:
        if value and not value.isspace():
            return value
    elif value.__class__ is int:
        return str(value)
    elif value is not None:
        _log_unreadable(key, "text")
    return text(payload, *fallback_keys) if fallback_keys else None


def number(payload: Payload, key: str, absent: Decimal | None = None) -> Decimal | None:
    """Return the exact value of a JSON number or a numeric text. A bool or `"1,234.5"` is None.

    Returns `absent` if there is no such key: some providers omit zeros.
    """
    value = payload.get(key)
    if value is None or value == "":
        return None if key in payload else absent
    decimal = None
    if value.__class__ is str:
        decimal = parse_decimal(value)
    elif value.__class__ is int:
        decimal = parse_decimal(str(value))
    if decimal is None:
        _log_unreadable(key, "number")
    return decimal


def amount(
    payload: Payload, key: str, account_ref: AccountRef, provider_key: str, absent: Decimal | None = None
) -> Decimal | None:
    """Return the exact value of an amount of money in an invoice, as `number` does.

    Raises Unintelligible if there is an amount that cannot be read: None would mean that the provider states none.
    """
    value = payload.get(key)
    if value is None or value == "":
        return None if key in payload else absent
    if value.__class__ is str and value.isspace():
        return None
    decimal = parse_decimal(str(value)) if value.__class__ in {str, int} else None
    if decimal is None:
        _log.warning(_UNREADABLE, key=key, expected="number", account=account_ref.id, invoice=provider_key)
        raise Unintelligible(account_ref, f"the amount {key!r} of invoice {provider_key} cannot be read")
    return decimal


def is_number(value: object) -> bool:
    """Whether a value is a JSON number or a numeric text."""
    return value.__class__ in {int, str} and parse_decimal(str(value)) is not None


def canonical_number(payload: Payload, key: str, absent: Decimal | None = None) -> str | None:
    """Return a number in plain notation without padding, so that equal numbers are equal texts."""
    value = payload.get(key)
    if value.__class__ is str and _CANONICAL_NUMBER.fullmatch(value):
        return value
    decimal = number(payload, key, absent)
    return None if decimal is None else format_decimal(decimal.normalize(EXACT))


def quantity(payload: Payload, key: str, unit: str | None, absent: Decimal | None = None) -> Quantity | None:
    amount = number(payload, key, absent)
    return None if amount is None else Quantity(amount=amount, unit=unit)


def integer(payload: Payload, key: str) -> int | None:
    """Return an integer such as a year or a count. A number with a fraction is None."""
    value = payload.get(key)
    if value.__class__ is int:
        return value
    decimal = number(payload, key)
    return int(decimal) if decimal is not None and decimal == decimal.to_integral_value() else None


def instant(payload: Payload, key: str) -> datetime | None:
    """Return an instant in UTC. See `written_instant`."""
    moment = written_instant(payload, key)
    return moment if moment is None or moment.tzinfo is UTC else moment.astimezone(UTC)


def written_instant(payload: Payload, key: str) -> datetime | None:
    """Return an instant in the offset in which it is written, or in UTC if none is.

    The zero value of Go's `time.Time`, 0001-01-01, is None.
    Accepts RFC 3339, and every format of ISO 8601 that Python reads, in upper or lower case.
    """
    value = text(payload, key)
    if value is None:
        return None
    moment = _parse_instant(value)
    if moment is None:
        _log_unreadable(key, "date")
        return None
    return moment if moment.year > 1 else None


def _parse_instant(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            return moment.replace(tzinfo=UTC)
        moment.astimezone(UTC)  # raises if UTC has no such instant
    except OverflowError:
        return None
    except ValueError:
        # Python reads no "z" and no leap second.
        return _parse_instant(value.upper()) if value.endswith("z") else parse_rfc3339(value)
    return moment


def day(payload: Payload, key: str) -> date | None:
    """Return the day of an instant in the offset in which it is written."""
    moment = written_instant(payload, key)
    return moment.date() if moment else None


def mapping(payload: Payload, key: str) -> Any:
    """Return a nested object, or an empty dict if there is none."""
    value = payload.get(key)
    if isinstance(value, dict):
        return value
    if value is not None:
        _log_unreadable(key, "object")
    return {}


def objects(payload: Payload, key: str) -> list[Any] | None:
    """Return the objects of a list, or None if the payload has no such list. Other items are dropped and logged."""
    value = payload.get(key)
    if value is None:
        return None
    if not isinstance(value, list):
        _log_unreadable(key, "list")
        return None
    items = [item for item in value if isinstance(item, dict)]
    if len(items) < len(value):
        _log_unreadable(key, "list of objects")
    return items


def period(start: datetime | None, end: datetime | None) -> BillingPeriod | None:
    """Return a half-open billing period in UTC from a payload's first and last day.

    An `end` at 00:00 or from 23:59:59 on is the last day of the period, which then ends at the next midnight. Midnight
    in a later month, on the 1st or on the day of the month of the start, is an exclusive end already. Any other time of
    day is an exact end. These two forms stay unchanged. Days and times of day are those of each bound's own offset.
    Returns None if a bound is missing or the bounds are in the wrong order.
    """
    if start is None or end is None or end < start:
        return None
    clock = end.time()
    is_exclusive = end.day in {1, start.day} and (end.year, end.month) != (start.year, start.month)
    try:
        if clock >= _LAST_SECOND or (clock == time.min and not is_exclusive):
            end = datetime.combine(end.date() + _DAY, time.min, end.tzinfo)
        return BillingPeriod(start=start.astimezone(UTC), end=end.astimezone(UTC))
    except OverflowError:
        return None


@lru_cache(_MAX_CACHED_MONTHS)
def month(year: int, number_of_month: int) -> BillingPeriod | None:
    """Return the billing period of a calendar month, or None if there is no such month."""
    if not (1 < year < date.max.year and 1 <= number_of_month <= 12):
        return None
    start = datetime(year, number_of_month, 1, tzinfo=UTC)
    return BillingPeriod(start=start, end=(start + timedelta(days=31)).replace(day=1))
