"""Rows of `spend`, built from the sums."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

from resolvers.accounts import AccountRegistry
from resolvers.pacer import Pacer
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

    async def of_groups(self) -> list[SpendRow]:
        """Return a row for each group: sorted by its values, null last, then by currency."""
        rows, pacer = [], Pacer()
        for key, group in sorted(self._ledger.groups.items(), key=lambda item: _sort_key(item[0])):
            values = dict(zip(self._ledger.keys, key.values, strict=True))
            rows.append(self._row(values, key.because, key.currency, group))
            await pacer.step()
        return rows

    def of_totals(self) -> list[SpendRow]:
        """Return a row for each currency, without keys."""
        totals = sorted(self._ledger.totals().items(), key=lambda item: _null_last(item[0]))
        return [self._row({}, None, currency, group) for currency, group in totals]

    def _row(
        self,
        values: Mapping[SpendKey, Any],
        because: Unattributed | None,
        currency: CurrencyCode | None,
        group: Group,
    ) -> SpendRow:
        unattributed = [key for key, value in values.items() if value is None]
        return SpendRow(
            month=values.get(SpendKey.MONTH),
            provider=_look_up(self._registry.provider, values.get(SpendKey.PROVIDER)),
            account=_look_up(lambda account_id: self._registry[account_id].account, values.get(SpendKey.ACCOUNT)),
            project=_look_up(self._ledger.projects.__getitem__, values.get(SpendKey.PROJECT)),
            product=values.get(SpendKey.PRODUCT),
            product_group=values.get(SpendKey.PRODUCT_GROUP),
            region=values.get(SpendKey.REGION),
            category=values.get(SpendKey.CATEGORY),
            unattributed=unattributed,
            because=(because or Unattributed.NOT_STATED) if unattributed else None,
            currency=currency,
            invoices=group.invoices,
            lines=group.lines,
            unpriced=group.unpriced,
            **self._amounts(currency, group),
        )

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
