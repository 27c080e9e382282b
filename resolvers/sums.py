"""Exact sums of money, which never mix currencies."""

from decimal import Decimal

from schema.scalars import EXACT, CurrencyCode
from schema.values import Money


class CurrencySums:
    """One exact sum for each currency."""

    def __init__(self) -> None:
        self._amounts: dict[CurrencyCode, Decimal] = {}
        self.added = 0  # number of amounts, also of those that are None
        self.unpriced = 0  # number of those that are None

    def add(self, money: Money | None) -> None:
        """Add an amount. None is counted, and added to no sum."""
        self.added += 1
        if money is None:
            self.unpriced += 1
        else:
            self._amounts[money.currency] = EXACT.add(self._amounts.get(money.currency, Decimal(0)), money.amount)

    @property
    def moneys(self) -> list[Money]:
        """The sums, sorted by currency."""
        return [Money(amount=amount, currency=currency) for currency, amount in sorted(self._amounts.items())]
