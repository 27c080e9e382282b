"""Reads files of exchange rates: an operator's own CSV, or the history that the European Central Bank publishes."""

import csv
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import NamedTuple

from resolvers.finance.rates import MAX_RATE_DIGITS, RateDigits, RateSeries
from schema.scalars import parse_currency_code

MAX_FILE_BYTES = 16_000_000  # of the CSV; that of the European Central Bank has 2 MB
MAX_SOURCE_LENGTH = 100  # characters
COLUMNS = ["base", "currency", "date", "rate", "source"]  # of an own CSV
# RuntimeError: the content is encrypted, or its compression is unknown. The others: it is damaged.
_UNREADABLE_ZIP = zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RATE = re.compile(r"[0-9]+(\.[0-9]+)?")
ECB, ECB_BASE, ECB_NO_RATE = "ECB", "EUR", {"N/A", ""}


class Series(NamedTuple):
    """What the rates of one series have in common."""

    base: str
    quote: str
    source: str


Rates = dict[Series, dict[int, RateDigits]]  # by the ordinal of the day


def read_rate_file(path: Path) -> list[RateSeries]:
    """Return the rates of a CSV file, or of a ZIP file with one CSV.

    Raises ValueError, with the file and the line, if it cannot be read or a rate is invalid.
    """
    try:
        text = _read_bytes(path).decode("utf-8-sig")
    except OSError as error:
        if error.errno is None:  # not of the system: the data of bz2 is damaged
            raise ValueError(_neither(path)) from None
        raise ValueError(f"{path} cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, *_UNREADABLE_ZIP):
        raise ValueError(_neither(path)) from None
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    rates: Rates = {}
    try:
        header = [name.strip() for name in next(rows, [])]
        for series, day, rate in _ecb_rates(header, rows) if header[:1] == ["Date"] else _own_rates(header, rows):
            _add(rates, series, day, rate)
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{path}, line {max(rows.line_num, 1)}: {error}") from None
    return [RateSeries.of(*series, by_day) for series, by_day in rates.items()]


def _neither(path: Path) -> str:
    return f"{path} is neither a CSV file in UTF-8 nor a ZIP file with one"


def _read_bytes(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # reading a FIFO would wait for its writer
        raise ValueError(f"{path} is not a regular file")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(".csv")]
            if len(names) != 1:
                raise ValueError(f"{path} must contain exactly one CSV file")
            with archive.open(names[0]) as stream:
                content = stream.read(MAX_FILE_BYTES + 1)
    else:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise ValueError(f"{path} is longer than {MAX_FILE_BYTES:,} bytes")
    return content


def _own_rates(header: Sequence[str], rows: Iterator[list[str]]) -> Iterator[tuple[Series, int, RateDigits]]:
    """Yield the rates of an own CSV: one `base` is worth `rate` of `currency`."""
    if sorted(header) != COLUMNS:
        raise ValueError(f"write the header {','.join(COLUMNS)}")
    for row in rows:
        if not row:
            continue
        _check_length(row, header)
        fields = dict(zip(header, (cell.strip() for cell in row), strict=True))
        base, quote = _currency(fields["base"]), _currency(fields["currency"])
        if base == quote:
            raise ValueError("base and currency are the same")
        if not 0 < len(fields["source"]) <= MAX_SOURCE_LENGTH:
            raise ValueError(f"write a source of at most {MAX_SOURCE_LENGTH} characters")
        yield Series(base, quote, fields["source"]), _day(fields["date"]), _rate(fields["rate"])


def _ecb_rates(header: Sequence[str], rows: Iterator[list[str]]) -> Iterator[tuple[Series, int, RateDigits]]:
    """Yield the rates of `eurofxref-hist.csv`: the value of one euro. Each line ends with an empty field."""
    series = [Series(ECB_BASE, _currency(code), ECB) if code else None for code in header[1:]]
    for row in rows:
        if not row:
            continue
        day = _day(row[0].strip())
        _check_length(row, header)
        for column, cell in zip(series, row[1:], strict=True):
            if column is not None and cell.strip() not in ECB_NO_RATE:
                yield column, day, _rate(cell.strip())


def _check_length(row: Sequence[str], header: Sequence[str]) -> None:
    if len(row) != len(header):
        raise ValueError(f"the line has {len(row)} fields, but the header has {len(header)}")


def _add(rates: Rates, series: Series, day: int, rate: RateDigits) -> None:
    by_day = rates.setdefault(series, {})
    if by_day.setdefault(day, rate) != rate:
        raise ValueError(f"{series.base} to {series.quote} has another rate of {date.fromordinal(day)} already")


def _currency(text: str) -> str:
    code = parse_currency_code(text)
    if code is None or code != text:
        raise ValueError(f'write a currency code such as "USD" instead of {text[:20]!r}')
    return code


def _day(text: str) -> int:
    with suppress(ValueError):
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).toordinal()
    raise ValueError(f'write a day such as "2026-11-27" instead of {text[:20]!r}')


def _rate(text: str) -> RateDigits:
    """Return the digits of a rate, all of them: a history has hundreds of thousands, and few are needed."""
    if _RATE.fullmatch(text) and len(text) <= MAX_RATE_DIGITS:
        whole, _, fraction = text.partition(".")
        if digits := int(whole + fraction):
            return digits, -len(fraction)
    raise ValueError(f"write a rate above 0 such as 1.0534, of at most {MAX_RATE_DIGITS} characters, not {text[:20]!r}")
