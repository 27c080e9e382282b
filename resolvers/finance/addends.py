"""The views of the money on an invoice, as amounts to add. No amount is in a view twice."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from providers.errors import ProviderError
from schema.filters import ChargeCategory
from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.project import Project, ProjectCharge, ProjectUsage
from schema.scalars import EXACT, CurrencyCode
from schema.spend import Unattributed
from schema.values import Money, Quantity


class Priced(Protocol):
    """An object with a cost. Reading it raises ProviderError if the amount cannot be read."""

    @property
    def cost(self) -> Money | None: ...


class Addend(Priced, Protocol):
    """An amount to add, and what it is for. A line item is one."""

    @property
    def category(self) -> ChargeCategory | None: ...
    @property
    def product(self) -> str | None: ...
    @property
    def product_group(self) -> str | None: ...
    @property
    def region(self) -> str | None: ...


class Share(NamedTuple):
    """A part of an invoice. `because` says why it has no project."""

    cost: Money | None
    category: ChargeCategory | None = None
    product: str | None = None
    project: Project | None = None
    because: Unattributed | None = None
    product_group: str | None = None
    region: str | None = None
    used: Quantity | None = None


class StatedTotal:
    """The total of an invoice, of which no more is known."""

    category = product = product_group = region = None

    def __init__(self, invoice: Invoice) -> None:
        self._invoice = invoice

    @property
    def cost(self) -> Money | None:
        return self._invoice.total_without_lookup


class AmountReader:
    """Reads amounts. One that cannot be read is None, and its failure goes to `report`."""

    def __init__(self, report: Callable[[ProviderError], None]) -> None:
        self._report = report

    def cost(self, priced: Priced) -> Money | None:
        try:
            return priced.cost
        except ProviderError as failure:
            self._report(failure.with_traceback(None))
            return None

    def usage(self, charge: ProjectCharge) -> Sequence[ProjectUsage] | None:
        """Return the usage in a share. Returns None if an amount of it cannot be read."""
        try:
            return charge.usage or ()
        except ProviderError as failure:
            self._report(failure.with_traceback(None))
            return None


def shares_of_projects(
    charges: Iterable[ProjectCharge], reader: AmountReader, project_ids: Collection[str] | None = None
) -> Iterator[Share]:
    """Yield the shares by project and product: of these projects only, if there are any."""
    for charge in charges:
        project = charge.project
        if project_ids is not None and (project is None or project.id not in project_ids):
            continue
        because = None if project else Unattributed.NOT_STATED
        usage = reader.usage(charge)
        if usage is None:
            yield Share(None, ChargeCategory.USAGE, None, project, because)
            continue
        for each in usage:
            yield Share(reader.cost(each), ChargeCategory.USAGE, each.product, project, because, used=each.used)
        if not usage:
            yield Share(reader.cost(charge), ChargeCategory.USAGE, None, project, because)


def shares_with_residual(
    charges: Iterable[ProjectCharge], lines: Sequence[LineItem] | None, reader: AmountReader
) -> Iterator[Share]:
    """Yield the shares of all projects, then for each product what they leave of its lines. It may be negative.

    Nothing is left if the invoice states no lines.
    """
    left: dict[tuple[str | None, CurrencyCode], Decimal] = {}
    for share in shares_of_projects(charges, reader):
        if share.cost is not None and lines is not None:
            key = share.product, share.cost.currency
            left[key] = EXACT.subtract(left.get(key, Decimal(0)), share.cost.amount)
        yield share
    for residual in lines_without_project(lines or (), Unattributed.RESIDUAL, reader):
        if residual.cost is None:
            yield residual
        else:
            key = residual.product, residual.cost.currency
            left[key] = EXACT.add(left.get(key, Decimal(0)), residual.cost.amount)
    for (product, currency), amount in left.items():
        if amount:
            money = Money(amount=amount, currency=currency)
            yield Share(money, ChargeCategory.USAGE, product, None, Unattributed.RESIDUAL)


def lines_without_project(lines: Iterable[LineItem], because: Unattributed, reader: AmountReader) -> Iterator[Share]:
    """Yield the line items of an invoice that is not split by project."""
    for line in lines:
        yield Share(reader.cost(line), line.category, line.product, None, because)
