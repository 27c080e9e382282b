"""Sums of amounts, grouped by keys and by currency."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from operator import attrgetter
from typing import Any, NamedTuple

from execution.limits import MAX_LIST_ELEMENTS
from resolvers.errors import BadUserInput
from resolvers.pacer import Pacer
from schema.filters import ChargeCategory
from schema.invoice import Invoice
from schema.project import Project
from schema.rates import ExchangeRate
from schema.scalars import EXACT, CurrencyCode
from schema.spend import MAX_SPEND_ROWS, SpendKey, Unattributed
from schema.values import Money

from .addends import Addend, AmountReader, Share
from .conversion import Converter

Values = tuple[object, ...]  # of the keys of one row, in the order of the keys
_NOTHING = Share(None, None, because=Unattributed.NOT_STATED)
_TOO_MANY = f"spend has more than {MAX_SPEND_ROWS:,} rows. Use fewer keys, or a narrower filter."
_TOO_MANY_RATES = (
    f"The rows of spend use more than {MAX_LIST_ELEMENTS:,} exchange rates. Add MONTH to groupBy, or convert less."
)


class RowKey(NamedTuple):
    """What the amounts of one row have in common."""

    values: Values
    because: Unattributed | None  # why there is no project; None also if it is no key
    currency: CurrencyCode | None


@dataclass(slots=True)
class Group:
    """The sum of one row."""

    amounts: dict[ChargeCategory | None, Decimal] = field(default_factory=dict)
    invoices: int = 0
    lines: int = 0
    unpriced: int = 0
    converted: Decimal | None = Decimal(0)  # in the requested currency; None: a rate is missing
    rates: dict[tuple[object, ...], ExchangeRate] = field(default_factory=dict)

    def add(self, cost: Money | None, category: ChargeCategory | None) -> None:
        self.lines += 1
        if cost is None:
            self.unpriced += 1
        else:
            self.amounts[category] = EXACT.add(self.amounts.get(category, Decimal(0)), cost.amount)

    def merge(self, other: "Group") -> None:
        """Add another sum in the same currency."""
        for category, amount in other.amounts.items():
            self.amounts[category] = EXACT.add(self.amounts.get(category, Decimal(0)), amount)
        self.invoices += other.invoices
        self.lines += other.lines
        self.unpriced += other.unpriced
        if self.converted is not None:
            self.converted = None if other.converted is None else EXACT.add(self.converted, other.converted)
        self.rates |= other.rates

    def amount_of(self, *categories: ChargeCategory) -> Decimal:
        """Return the sum of these categories, or of all if none is named."""
        amounts = [amount for name, amount in self.amounts.items() if not categories or name in categories]
        return reduce(EXACT.add, amounts, Decimal(0))

    def convert(self, invoice: Invoice, currency: CurrencyCode | None, converter: Converter) -> None:
        """Convert the sum, which must be of this invoice only."""
        money = None if currency is None else Money(amount=self.amount_of(), currency=currency)
        result = converter.convert(invoice, money)
        self.converted = None if result is None else result.money.amount
        self.rates = {(rate.day, rate.base, rate.quote, rate.source): rate for rate in result.rates} if result else {}


class Ledger:
    """The groups of one `spend`: at most MAX_SPEND_ROWS, however many amounts are added."""

    def __init__(self, keys: Sequence[SpendKey], converter: Converter | None) -> None:
        self.keys, self._converter, self._pacer = keys, converter, Pacer()
        self._getters = [_GETTERS[key] for key in keys if key in _GETTERS]
        self._invoice_keys = [key for key in keys if key not in _GETTERS]
        in_order = [*self._invoice_keys, *(key for key in keys if key in _GETTERS)]
        self._indexes = [in_order.index(key) for key in keys]  # of the keys' values after those of the invoice
        self._is_by_project = SpendKey.PROJECT in keys
        self.groups: dict[RowKey, Group] = {}
        self.invoices: dict[CurrencyCode | None, int] = {}  # number of invoices with amounts in a currency
        self._rates = 0  # number of rates in all groups
        self.projects: dict[object, Project] = {}  # by id, as the first invoice names it

    async def add(
        self, invoice: Invoice, values: Mapping[SpendKey, object], addends: Iterable[Addend], reader: AmountReader
    ) -> None:
        """Add the amounts of one invoice, which has these values of the keys that no amount has.

        Raises BadUserInput if there are too many rows.
        """
        groups: dict[RowKey, Group] = {}
        for addend in addends:
            cost = reader.cost(addend)
            _group(groups, self._key_of(addend, cost)).add(cost, addend.category)
            await self._pacer.step()
        if not groups:  # nothing is stated that could be added, but the invoice counts
            _group(groups, self._key_of(_NOTHING, None))
        for currency in {key.currency for key in groups}:
            self.invoices[currency] = self.invoices.get(currency, 0) + 1
        invoice_values = [values[key] for key in self._invoice_keys]
        for key, group in groups.items():
            group.invoices = 1
            if self._converter is not None:
                group.convert(invoice, key.currency, self._converter)
            all_values = (*invoice_values, *key.values)
            full_key = RowKey(tuple([all_values[index] for index in self._indexes]), key.because, key.currency)
            self._merge(_group(self.groups, full_key), group)
            await self._pacer.step()

    def _merge(self, row: Group, group: Group) -> None:
        """Add the group of an invoice to its row. Raises BadUserInput if the rows have too many rates."""
        self._rates -= len(row.rates)
        row.merge(group)
        self._rates += len(row.rates)
        if self._rates > MAX_LIST_ELEMENTS:
            raise BadUserInput(_TOO_MANY_RATES)

    def _key_of(self, addend: Addend, cost: Money | None) -> RowKey:
        """Return the key of an amount, with the values that differ within an invoice."""
        because = None
        if self._is_by_project:
            because, project = getattr(addend, "because", None), getattr(addend, "project", None)
            if project is not None:
                self.projects.setdefault(project.id, project)
        return RowKey(tuple([get(addend) for get in self._getters]), because, None if cost is None else cost.currency)

    def totals(self) -> dict[CurrencyCode | None, Group]:
        """Return the sum of the groups of each currency."""
        totals: dict[CurrencyCode | None, Group] = {}
        for key, group in self.groups.items():
            totals.setdefault(key.currency, Group()).merge(group)
        for currency, total in totals.items():
            total.invoices = self.invoices[currency]  # an invoice may be in several groups
        return totals


def _group(groups: dict[RowKey, Group], key: RowKey) -> Group:
    """Return the group of a key. Raises BadUserInput if it would be one too many."""
    group = groups.get(key)
    if group is None:
        if len(groups) == MAX_SPEND_ROWS:
            raise BadUserInput(_TOO_MANY)
        group = groups[key] = Group()
    return group


def _project_id(addend: Any) -> object:
    return None if addend.project is None else addend.project.id


_GETTERS: dict[SpendKey, Callable[[Any], object]] = {  # of the keys that an amount has; an invoice has the others
    SpendKey.PROJECT: _project_id,
    SpendKey.PRODUCT: attrgetter("product"),
    SpendKey.PRODUCT_GROUP: attrgetter("product_group"),
    SpendKey.REGION: attrgetter("region"),
    SpendKey.CATEGORY: attrgetter("category"),
}
