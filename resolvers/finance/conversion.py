"""Conversion of amounts to another currency, by the operator's rates."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from resolvers.errors import BadUserInput
from schema.invoice import Invoice
from schema.rates import ConvertedMoney, ExchangeRate, RateDay
from schema.scalars import EXACT, CurrencyCode
from schema.values import Money

from .minor_units import minor_unit
from .rates import RateTable


class Converter:
    """Converts amounts of invoices to one currency. Each invoice has its own day, and so its own rate."""

    def __init__(self, rates: RateTable, target: CurrencyCode, rate_day: RateDay, argument: str) -> None:
        """Raises BadUserInput if the target, which is the value of `argument`, has no minor unit."""
        unit = minor_unit(target)
        if unit is None:
            raise BadUserInput(f"{argument} must be a currency of ISO 4217 with a minor unit, such as USD.")
        self._rates, self._target, self._rate_day, self._unit = rates, target, rate_day, unit
        self._today = datetime.now(UTC).date()
        self._paths: dict[tuple[CurrencyCode, date], list[ExchangeRate] | None] = {}  # the rates found so far

    def convert(self, invoice: Invoice, money: Money | None) -> ConvertedMoney | None:
        """Return an amount of the invoice in the target currency. Returns None without an amount or a rate."""
        day = self._day_of(invoice)
        if money is None or day is None:
            return None
        key = money.currency, day
        if key not in self._paths:
            self._paths[key] = self._rates.path(money.currency, self._target, day)
        rates = self._paths[key]
        if rates is None:
            return None
        amount = self._round(_exchange(money, rates))
        return ConvertedMoney(money=Money(amount=amount, currency=self._target), rates=rates)

    def _day_of(self, invoice: Invoice) -> date | None:
        """Return the day whose rate counts. Returns None if the invoice does not state it."""
        match self._rate_day:
            case RateDay.TODAY:
                return self._today
            case RateDay.ISSUED:
                return invoice.issued_at.astimezone(UTC).date() if invoice.issued_at else None
            case RateDay.PERIOD_END:  # the end is exclusive
                return max(invoice.period.start, invoice.period.end - timedelta(microseconds=1)).astimezone(UTC).date()

    def _round(self, amount: Decimal) -> Decimal:
        """Round half up to the minor unit: 0.005 is 0.01, and -0.005 is -0.01."""
        return amount.quantize(self._unit, ROUND_HALF_UP, EXACT)


def _exchange(money: Money, rates: Sequence[ExchangeRate]) -> Decimal:
    """Return the amount after these exchanges, unrounded. Divides once and last, with the 136 digits of EXACT."""
    numerator, denominator, currency = money.amount, Decimal(1), money.currency
    for rate in rates:
        if rate.base == currency:
            numerator, currency = EXACT.multiply(numerator, rate.rate), rate.quote
        else:
            denominator, currency = EXACT.multiply(denominator, rate.rate), rate.base
    return EXACT.divide(numerator, denominator)
