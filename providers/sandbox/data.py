"""Tools for sample data: months, reproducible random numbers, exact decimals, JSON."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import TypeVar

import msgspec

T = TypeVar("T")
JsonObject = dict[str, object]

FIRST_MONTH = date(2023, 11, 1)
ZERO_TIME = "0001-01-01T00:00:00.000Z"  # Go's JSON for a time that was never set
_CENT = Decimal("0.01")
_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


def encode(value: object) -> bytes:
    """Return JSON in which every Decimal is a number with exactly its own digits."""
    return _encoder.encode(value)


def utc_now() -> datetime:
    """Return the current time. It is the default clock of a sandbox."""
    return datetime.now(UTC)


def first_of_month(day: date) -> date:
    """Return the first day of a day's month. The sandboxes represent a month by it."""
    return date(day.year, day.month, 1)


def next_month(month: date) -> date:
    """Return the first day of the following month."""
    return first_of_month(month + timedelta(days=31))


def last_day(month: date) -> date:
    """Return the last day of a month: the 28th to the 31st."""
    return next_month(month) - timedelta(days=1)


def instant(day: date, **offset: float) -> datetime:
    """Return midnight UTC of a day plus an offset, such as `hours=6`."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(**offset)


def months_between(first: date, stop: date) -> list[date]:
    """Return the months from `first` up to and without the month of `stop`."""
    months = []
    while first < first_of_month(stop):
        months.append(first)
        first = next_month(first)
    return months


def format_seconds(time: datetime) -> str:
    """Format a time as `2026-09-01T00:00:00Z`."""
    return f"{time:%Y-%m-%dT%H:%M:%S}Z"


def format_milliseconds(time: datetime) -> str:
    """Format a time as `2026-09-01T00:00:00.000Z`."""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def round_to_cent(amount: Decimal) -> Decimal:
    """Round half up to two decimal places."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def strip_zeros(amount: Decimal) -> Decimal:
    """Strip trailing zeros as JSON writers do: 2600.00 becomes 2600, 292.50 becomes 292.5. Never uses an exponent."""
    normalized = amount.normalize()
    return normalized.quantize(Decimal(1)) if normalized == normalized.to_integral() else normalized


def split_by_weight(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split a total by weight into amounts of whole cents. The last amount takes the rounding difference."""
    total_weight = sum(weights)
    amounts = [round_to_cent(total * weight / total_weight) for weight in weights[:-1]]
    return [*amounts, total - sum(amounts)]


def omit_empty(fields: Mapping[str, object]) -> JsonObject:
    """Omit what Go's `omitempty` omits from an object: zeros, empty texts and empty objects."""
    return {key: value for key, value in fields.items() if value}


class Dice:
    """Random numbers that depend on the seed only. They are the same on every machine and with every Python."""

    def __init__(self, *seed: object) -> None:
        self._seed = "/".join(map(str, seed))
        self._throws = 0

    def hex(self, digits: int) -> str:
        self._throws += 1
        return sha256(f"{self._seed}#{self._throws}".encode()).hexdigest()[:digits]

    def between(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, both included."""
        return low + int(self.hex(16), 16) % (high - low + 1)

    def decimal(self, low: int, high: int, places: int) -> Decimal:
        return Decimal(self.between(low * 10**places, high * 10**places)).scaleb(-places)

    def one_in(self, sides: int) -> bool:
        return self.between(1, sides) == 1

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.between(0, len(choices) - 1)]

    def uuid(self) -> str:
        digits = self.hex(32)
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
