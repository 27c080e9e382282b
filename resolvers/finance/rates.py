"""The operator's exchange rates, and how the rates between two currencies are found."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from schema.rates import ExchangeRate
from schema.scalars import CurrencyCode

MAX_AGE_DAYS = 7  # of a rate: Easter leaves four days without one
MAX_RATE_DIGITS = 18  # of a rate: what fits into 64 bits
RateDigits = tuple[int, int]  # the digits of a rate as one number, and its exponent


@dataclass(frozen=True, slots=True)
class RateSeries:
    """The rates of one pair of currencies from one source, by day.

    A file has hundreds of thousands of rates, so they are kept as numbers: days as ordinals in ascending order, and
    each rate as digits and exponent. A worker receives them in this form after a reload.
    """

    base: CurrencyCode
    quote: CurrencyCode
    source: str
    days: "array[int]"
    digits: "array[int]"
    exponents: "array[int]"

    @classmethod
    def of(cls, base: str, quote: str, source: str, rates: Mapping[int, RateDigits]) -> "RateSeries":
        """Return the series of these rates, by the ordinal of the day. Each has at most MAX_RATE_DIGITS digits."""
        days = sorted(rates)
        return cls(
            CurrencyCode(base),
            CurrencyCode(quote),
            source,
            array("i", days),
            array("q", (rates[day][0] for day in days)),
            array("b", (rates[day][1] for day in days)),
        )

    def newest(self, day: date) -> ExchangeRate | None:
        """Return the rate of this day, or else the newest of the MAX_AGE_DAYS days before."""
        index = bisect_right(self.days, day.toordinal()) - 1
        if index < 0 or day.toordinal() - self.days[index] > MAX_AGE_DAYS:
            return None
        rate = Decimal(self.digits[index]).scaleb(self.exponents[index])
        return ExchangeRate(
            base=self.base,
            quote=self.quote,
            rate=rate,
            day=date.fromordinal(self.days[index]),
            source=self.source,
        )


@dataclass(frozen=True, slots=True)
class RateTable:
    """All rates, by pair of currencies. The series of a pair are in the order of the files."""

    series: Mapping[tuple[str, str], Sequence[RateSeries]] = field(default_factory=dict)

    @classmethod
    def of(cls, all_series: Iterable[RateSeries]) -> "RateTable":
        """Return the table of these series, in the order of the files."""
        by_pair: dict[tuple[str, str], list[RateSeries]] = {}
        for series in all_series:
            by_pair.setdefault((series.base, series.quote), []).append(series)
        return cls(by_pair)

    def __bool__(self) -> bool:
        return bool(self.series)

    def path(self, source: CurrencyCode, target: CurrencyCode, day: date) -> list[ExchangeRate] | None:
        """Return the rates by which to convert: none, one, or two with a common base. None if there are no rates.

        A direct rate comes first, then an inverse one, then two of the first base that has both.
        """
        if source == target:
            return []
        direct = self._newest(source, target, day) or self._newest(target, source, day)
        if direct is not None:
            return [direct]
        for base in dict.fromkeys(base for base, quote in self.series if quote == source):
            rates = self._newest(base, source, day), self._newest(base, target, day)
            if rates[0] is not None and rates[1] is not None:
                return [rates[0], rates[1]]
        return None

    def _newest(self, base: str, quote: str, day: date) -> ExchangeRate | None:
        """Return the newest rate of a pair. The first file wins if several have one of the same day."""
        rates = [rate for series in self.series.get((base, quote), ()) if (rate := series.newest(day))]
        return max(rates, key=lambda rate: rate.day, default=None)


NO_RATES = RateTable()
