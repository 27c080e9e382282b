"""What a file can hold: one dataset of FOCUS, or our own columns of invoices or of lines."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from providers.registry import ProviderSpec
from resolvers.invoice_stream import StreamedInvoice

from . import cost_and_usage, invoice_detail
from .extra_columns import extra_sources
from .plain_columns import INVOICE_SOURCES, LINE_SOURCES
from .record import Bill, Charge, Sources
from .shares import charges_by_project


class FocusDataset(NamedTuple):
    """A dataset as FOCUS names it."""

    id: str
    version: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a row is about, and its columns."""

    name: str
    sources: Callable[[Iterable[ProviderSpec]], Sources[Any]]  # with the columns of these providers
    subjects: Callable[[StreamedInvoice], Iterator[Any]]  # what the rows of one invoice are about
    amount: str  # the column that is added
    currency: str  # the column of its currency
    focus: FocusDataset | None = None  # None: our own columns
    has_lines: bool = True

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.focus.version}" if self.focus else self.name


def _charges(streamed: StreamedInvoice) -> Iterator[Charge]:
    return (Charge(streamed.invoice, streamed.billing, line) for line in streamed.scan_lines())


def _bill(streamed: StreamedInvoice) -> Iterator[Bill]:
    yield Bill(streamed.invoice, streamed.billing)


INVOICE_DETAIL = Dataset(
    "invoice-detail",
    lambda specs: {**invoice_detail.SOURCES, **extra_sources(specs)},
    _charges,
    "BilledCost",
    "BillingCurrency",
    FocusDataset("InvoiceDetail", "1.4"),
)
COST_AND_USAGE = Dataset(
    "cost-and-usage",
    lambda specs: {**cost_and_usage.SOURCES, **extra_sources(specs)},
    _charges,
    "BilledCost",
    "BillingCurrency",
    FocusDataset("CostAndUsage", "1.2"),
)
COST_BY_PROJECT = replace(
    COST_AND_USAGE,
    sources=lambda specs: {**cost_and_usage.SOURCES, **cost_and_usage.PROJECT_SOURCES, **extra_sources(specs)},
    subjects=charges_by_project,
)
INVOICES = Dataset("invoices", lambda _: INVOICE_SOURCES, _bill, "total", "currency", has_lines=False)
LINES = Dataset("lines", lambda _: LINE_SOURCES, _charges, "cost", "currency")
DATASETS = {dataset.name: dataset for dataset in (INVOICE_DETAIL, COST_AND_USAGE, INVOICES, LINES)}
