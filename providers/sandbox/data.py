"""What the sandboxes make their sample data with: months, dice that always fall alike, exact numbers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import TypeVar

import msgspec

T = TypeVar("T")
JsonObject = dict[str, object]

FIRST_MONTH = date(2023, 11, 1)
ZERO_TIME = "0001-01-01T00:00:00.000Z"  # how Go writes a time that was never set
_CENT = Decimal("0.01")
_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


def encode(value: object) -> bytes:
    """JSON in which every Decimal is a number with exactly its own digits."""
    return _encoder.encode(value)


def utc_now() -> datetime:
    """The sandboxes' clock, unless they are given another."""
    return datetime.now(UTC)


def month_of(day: date) -> date:
    """Its first day: that is how months are written here."""
    return date(day.year, day.month, 1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return month_of(month + timedelta(days=31))


def last_day(month: date) -> date:
    """The 28th to the 31st."""
    return next_month(month) - timedelta(days=1)


def instant(day: date, **after: float) -> datetime:
    """Midnight UTC of a day, and so many days, hours, … after it."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(**after)


def months_between(first: date, end: date) -> list[date]:
    """The months from the first up to, but without, the one that `end` lies in."""
    months = []
    while first < month_of(end):
        months.append(first)
        first = next_month(first)
    return months


def seconds(at: datetime) -> str:
    """`2026-09-01T00:00:00Z`"""
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def milliseconds(at: datetime) -> str:
    """`2026-09-01T00:00:00.000Z`"""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def rounded(amount: Decimal) -> Decimal:
    """To the cent."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def shortest(amount: Decimal) -> Decimal:
    """As JSON writers print it: 2600.00 is 2600, 292.50 is 292.5, never an exponent."""
    bare = amount.normalize()
    return bare.quantize(Decimal(1)) if bare == bare.to_integral() else bare


def shares(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """The total split by weight, to the cent; the last share takes what rounding leaves."""
    whole = sum(weights)
    parts = [rounded(total * weight / whole) for weight in weights[:-1]]
    return [*parts, total - sum(parts)]


def without_zeros(fields: Mapping[str, object]) -> JsonObject:
    """What Go's `omitempty` leaves of an object: no zero, no empty text, no empty object."""
    return {key: value for key, value in fields.items() if value}


class Dice:
    """Numbers that follow from their seed alone, on every machine and with every Python."""

    def __init__(self, *seed: object) -> None:
        self._seed = "/".join(map(str, seed))
        self._thrown = 0

    def hex(self, digits: int) -> str:
        self._thrown += 1
        return sha256(f"{self._seed}#{self._thrown}".encode()).hexdigest()[:digits]

    def between(self, low: int, high: int) -> int:
        """Both ends included."""
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
