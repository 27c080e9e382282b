"""Writes one file: row by row from the provider's invoices, so that few rows are in memory."""

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from execution.errors import ErrorCode
from resolvers.accounts import AccountRegistry
from resolvers.coverage import AccountResult
from resolvers.focus.datasets import Dataset
from resolvers.focus.record import Record, Sources, Value, read_record
from resolvers.invoice_stream import InvoiceStream, StreamedInvoice
from resolvers.pacer import Pacer
from resolvers.request import RequestContext
from schema.focus import FocusGapKind
from schema.focus_columns import Column, ColumnType

from .csv_file import CsvFile
from .errors import ExportError, provider_failed
from .manifest import Contents
from .parameters import CSV, PARQUET, ExportRequest
from .parquet_file import ParquetFile
from .spool import Spool

_FORMATS: dict[str, type[CsvFile] | type[ParquetFile]] = {CSV: CsvFile, PARQUET: ParquetFile}
_GAPS = Column("x_Gaps", ColumnType.JSON, "Columns without a stated value: `MISSING` or `DERIVED`.")
OnProgress = Callable[[int], None]  # called with the number of rows so far


class FileWriter:
    """Writes the file of one request into a spool, and knows its contents."""

    def __init__(self, request: ExportRequest, registry: AccountRegistry, spool: Spool) -> None:
        """Raises ExportError if the request names an unknown column, or the format is not available."""
        self._request, self._dataset, self.contents = request, request.dataset, Contents()
        self._sources = _sources_of(request.dataset, registry)
        self._has_gaps_column = not request.is_strict and request.dataset.focus is not None
        self.columns = _choose([*self._sources, *([_GAPS] if self._has_gaps_column else [])], request.columns)
        self._pacer = Pacer()
        self._names = frozenset(column.name for column in self.columns)
        self.file = _FORMATS[request.format](spool, self.columns, guard=request.guard)
        self._amount, self._currency = (
            next(column for column in self._sources if column.name == name)
            for name in (request.dataset.amount, request.dataset.currency)
        )

    async def write(self, context: RequestContext, on_progress: OnProgress | None = None) -> list[AccountResult]:
        """Write all rows. Return how far each account was read.

        Raises ExportError if the request is strict, and an account could not be read or a row does not conform.
        """
        stream = context.stream_invoices(self._request.filter_by, with_lines=self._dataset.has_lines)
        if warnings := context.outcomes.warnings:
            raise ExportError(str(warnings[0]["message"]), 404)
        async for streamed in stream:
            self._check_failures(stream)
            await self._write_invoice(streamed)
            if on_progress is not None:
                on_progress(self.contents.totals.rows)
        self._check_failures(stream)
        if self._request.is_strict and self.contents.missing:
            raise _gaps_error(self.contents)
        self.file.close()
        return stream.results

    def _check_failures(self, stream: InvoiceStream) -> None:
        scan = stream.results[-1].scan if stream.results else None
        if self._request.is_strict and scan is not None and scan.failures:
            raise provider_failed(scan.failures[0])

    async def _write_invoice(self, streamed: StreamedInvoice) -> None:
        invoice = streamed.invoice
        month = f"{invoice.period.start:%Y-%m}"
        sums = self.contents.begin_invoice(str(invoice.id), month, invoice.observed_at)
        for subject in self._dataset.subjects(streamed):
            record = read_record(self._sources, subject)
            if not self._leaves_out(record, subject):
                self.contents.add_gaps(record, self._names)
                amount, currency = record.values[self._amount], record.values[self._currency]
                sums.add(amount, currency)
                self.contents.totals.add(amount, currency)
                self._write_row(record)
            await self._pacer.step()

    def _leaves_out(self, record: Record, subject: Any) -> bool:
        """Return whether a file of FOCUS leaves the row out because it states no money. Records it."""
        if self._dataset.focus is None:
            return False
        for gap in record.gaps:
            if gap.kind is FocusGapKind.MISSING and gap.column in {self._amount.name, self._currency.name}:
                self.contents.leave_out(str(subject.line.id or subject.invoice.id), gap.column, gap.reason)
                return True
        return False

    def _write_row(self, record: Record) -> None:
        values: dict[Column, Value | None] = record.values
        if self._has_gaps_column:
            values[_GAPS] = {gap.column: gap.kind.name for gap in record.gaps} or None
        self.file.write([values[column] for column in self.columns])


def _sources_of(dataset: Dataset, registry: AccountRegistry) -> Sources[Any]:
    """Return the columns that the registry's accounts can fill, sorted as FOCUS wants them."""
    sources = dataset.sources({account.spec.id: account.spec for account in registry}.values())
    has_orders = any(account.source.settings.purchase_order for account in registry)
    return {column: source for column, source in sources.items() if has_orders or not column.is_conditional}


def _choose(columns: Sequence[Column], names: Iterable[str] | None) -> list[Column]:
    if names is None:
        return list(columns)
    by_name = {column.name: column for column in columns}
    for name in names:
        if name not in by_name:
            nearest = get_close_matches(name[:40], by_name, 1)
            hint = f" Did you mean {nearest[0]}?" if nearest else ""
            raise ExportError(f'The parameter columns names "{name[:40]}", which is no column of this file.{hint}')
    return [column for column in columns if column.name in set(names)]


def _gaps_error(contents: Contents) -> ExportError:
    missing = contents.missing
    counts = ", ".join(f"{column} in {count:,}" for column, count in missing)
    reasons = dict.fromkeys(contents.reasons[column, FocusGapKind.MISSING] for column, _ in missing)
    message = f"Rows do not conform to FOCUS. Columns without a value: {counts}. {' '.join(reasons)}"
    gaps = [{"column": column, "rows": count} for column, count in missing]
    return ExportError(
        f"{message} The mode annotated exports them with their gaps.", 422, ErrorCode.FOCUS_GAPS, gaps=gaps
    )
