"""Rows of `spend`, built from the sums."""

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from resolvers.accounts import AccountRegistry
from resolvers.pacer import Pacer
from schema.account import Account
from schema.filters import ChargeCategory
from schema.rates import ExchangeRate
from schema.scalars import CurrencyCode
from schema.spend import SpendBreakdown, SpendKey, SpendRow, Unattributed
from schema.values import Money, money_or_none

from .ledger import Group, Ledger, RowKey

K = TypeVar("K")
V = TypeVar("V")


class SpendRows:
    """Builds the rows of one `spend`."""

    def __init__(
        self, registry: AccountRegistry, ledger: Ledger, view: SpendBreakdown, target: CurrencyCode | None
    ) -> None:
        """`target`: the currency of the converted sums. None if nothing is converted."""
        self._registry, self._ledger, self._target = registry, ledger, target
        self._has_categories = view is not SpendBreakdown.TOTALS
        self._names = [key.name for key in ledger.keys]

    async def of_groups(self) -> list[SpendRow]:
        """Return a row for each group: sorted by its values, null last, then by currency."""
        rows, pacer = [], Pacer()
        for key, group in sorted(self._ledger.groups.items(), key=lambda item: _sort_key(item[0])):
            rows.append(self._row(key, group))
            await pacer.step()
        return rows

    def of_totals(self) -> list[SpendRow]:
        """Return a row for each currency, without keys."""
        totals = sorted(self._ledger.totals().items(), key=lambda item: _null_last(item[0]))
        return [self._row(RowKey((), None, currency), group) for currency, group in totals]

    def _row(self, key: RowKey, group: Group) -> SpendRow:
        values: dict[str, Any] = dict(zip(self._names, key.values, strict=False))  # a total has none
        unattributed = [SpendKey[name] for name, value in values.items() if value is None]
        return SpendRow(
            month=values.get("MONTH"),
            provider=_look_up(self._registry.provider, values.get("PROVIDER")),
            account=_look_up(self._account, values.get("ACCOUNT")),
            project=_look_up(self._ledger.projects.__getitem__, values.get("PROJECT")),
            product=values.get("PRODUCT"),
            product_group=values.get("PRODUCT_GROUP"),
            region=values.get("REGION"),
            category=values.get("CATEGORY"),
            unattributed=unattributed,
            because=(key.because or Unattributed.NOT_STATED) if unattributed else None,
            currency=key.currency,
            invoices=group.invoices,
            lines=group.lines,
            unpriced=group.unpriced,
            **self._amounts(key.currency, group),
        )

    def _account(self, account_id: str) -> Account:
        return self._registry[account_id].account

    def _amounts(self, currency: CurrencyCode | None, group: Group) -> dict[str, Any]:
        """Return the amounts of a row. All are None without a currency."""

        def sum_of(*categories: ChargeCategory) -> Money | None:
            if currency is None or (categories and not self._has_categories):
                return None
            return Money(amount=group.amount_of(*categories), currency=currency)

        converted = money_or_none(group.converted, self._target)
        return {
            "billed": sum_of(),
            "charges": sum_of(ChargeCategory.USAGE, ChargeCategory.PURCHASE),
            "credits": sum_of(ChargeCategory.CREDIT),
            "adjustments": sum_of(ChargeCategory.ADJUSTMENT),
            "taxes": sum_of(ChargeCategory.TAX) if ChargeCategory.TAX in group.amounts else None,
            "converted": converted,
            "rates": sorted(group.rates.values(), key=_rate_key) if converted else None,
        }


def _look_up(find: Callable[[K], V], key: K | None) -> V | None:
    return None if key is None else find(key)


def _sort_key(key: RowKey) -> tuple[tuple[bool, str], ...]:
    return tuple(map(_null_last, (*key.values, key.currency, key.because)))


def _null_last(value: object) -> tuple[bool, str]:
    """Return a sort key. Days sort as text, and other values by their text or their name."""
    return value is None, value.name if isinstance(value, Enum) else str(value)


def _rate_key(rate: ExchangeRate) -> tuple[str, ...]:
    return str(rate.day), rate.base, rate.quote, rate.source
