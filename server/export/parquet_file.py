"""Parquet with exact decimals. It needs pyarrow: `pip install 'invoicegraph[parquet]'`."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from execution.errors import ErrorCode
from resolvers.focus.record import Value
from schema.focus_columns import Column, ColumnType

from .errors import ExportError
from .spool import Spool

ROWS_IN_GROUP = 10_000  # rows that are in memory at once
_DIGITS = 38
_NOT_INSTALLED = (
    "This service does not write Parquet. Request CSV, or ask its operator to install invoicegraph[parquet]."
)


class ParquetFile:
    """Writes rows in groups. A decimal that does not fit its column ends the export: nothing is rounded."""

    media_type = "application/vnd.apache.parquet"
    extension = "parquet"
    guarded_cells = 0

    def __init__(self, spool: Spool, columns: Sequence[Column], *, guard: bool) -> None:  # noqa: ARG002 (no formulas)
        self._arrow, parquet = _load_pyarrow()
        self._columns, self._rows = columns, list[list[Value | None]]()
        self._schema = self._arrow.schema([(column.name, self._type(column)) for column in columns])
        self._writer = parquet.ParquetWriter(spool, self._schema, compression="zstd")

    def write(self, values: Iterable[Value | None]) -> None:
        self._rows.append(list(values))
        if len(self._rows) >= ROWS_IN_GROUP:
            self._write_group()

    def close(self) -> None:
        self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        values_by_column = zip(*self._rows, strict=True) if self._rows else [[] for _ in self._columns]
        arrays = [self._array(column, values) for column, values in zip(self._columns, values_by_column, strict=True)]
        self._rows.clear()
        self._writer.write_table(self._arrow.table(arrays, schema=self._schema))

    def _type(self, column: Column) -> Any:
        match column.type:
            case ColumnType.DECIMAL:
                return self._arrow.decimal128(_DIGITS, column.scale)
            case ColumnType.DATETIME:
                return self._arrow.timestamp("us", tz="UTC")
        return self._arrow.string()

    def _array(self, column: Column, values: Iterable[Value | None]) -> Any:
        if column.type is ColumnType.JSON:
            values = [None if value is None else orjson.dumps(value).decode() for value in values]
        try:
            return self._arrow.array(list(values), self._type(column))
        except self._arrow.ArrowInvalid:
            message = (
                f"A value of {column.name} has more than {column.scale} digits after the point, or more than {_DIGITS} "
                "digits. Parquet cannot hold it exactly: request CSV."
            )
            raise ExportError(message, 422, ErrorCode.UNREPRESENTABLE) from None


def _load_pyarrow() -> tuple[Any, Any]:
    """Return the modules, which take 30 MB and half a second: only when a file needs them.

    Raises ExportError if the service was installed without the extra.
    """
    try:
        import pyarrow  # noqa: ICN001, PLC0415
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise ExportError(_NOT_INSTALLED, 501) from None
    return pyarrow, parquet
