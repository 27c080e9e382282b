"""CSV as RFC 4180 has it, safe to open in a spreadsheet."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

import orjson

from resolvers.focus.record import Value
from schema.focus_columns import Column
from schema.scalars import format_decimal, format_rfc3339


class Writable(Protocol):
    """A place for bytes, such as a spool."""

    def write(self, data: bytes, /) -> object: ...


# What a spreadsheet reads as the start of a formula, in ASCII and in full width.
_FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NEEDS_QUOTES = re.compile(r'[",\r\n]|^\s|\s$')
_LINE_END = "\r\n"


class CsvFile:
    """Writes a header, then rows. With `guard`, texts that a spreadsheet would run as formulas begin with `'`."""

    media_type = "text/csv; charset=utf-8; header=present"
    extension = "csv"

    def __init__(self, file: Writable, columns: Sequence[Column], *, guard: bool) -> None:
        self._file, self._guard = file, guard
        self.guarded_cells = 0
        self._write(column.name for column in columns)

    def write(self, values: Iterable[Value | None]) -> None:
        self._write(map(self._cell, values))

    def _write(self, cells: Iterable[str]) -> None:
        self._file.write((",".join(cells) + _LINE_END).encode())

    def _cell(self, value: Value | None) -> str:
        match value:
            case None:
                return ""
            case str():
                return self._text(value)
            case Decimal():
                return format_decimal(value)
            case datetime():
                return format_rfc3339(value)
        return _quote(orjson.dumps(value).decode())

    def _text(self, text: str) -> str:
        if self._guard and text.startswith(_FORMULA_STARTS):
            self.guarded_cells += 1
            return _quote(f"'{text}")
        return _quote(text) if _NEEDS_QUOTES.search(text) else text

    def close(self) -> None:
        """Do nothing: each row is complete."""


def _quote(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
