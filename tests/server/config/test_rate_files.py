"""Files of exchange rates: the operator's own CSV, and the history of the European Central Bank."""

import json
import os
import zipfile
from datetime import date
from pathlib import Path

import pytest

from resolvers.finance.rates import RateTable
from schema.rates import ExchangeRate
from schema.scalars import CurrencyCode
from server.config.loading import ConfigurationError, load
from server.config.rate_files import MAX_FILE_BYTES
from tests.server.configuration import CDN_WITH_KEY

pytestmark = pytest.mark.usefixtures("api_key_env")
HEADER = "base,currency,date,rate,source\n"
OWN = HEADER + "USD,EUR,2026-09-30,0.9012,Treasury\nUSD,EUR,2026-09-29,0.90,Treasury\n"
ECB = "Date,USD,JPY,CYP,\n2026-09-30,1.1000,160.25,N/A,\n2026-09-29,1.2,160.5,0.58,\n"
DAY = date(2026, 9, 30)


def load_rates(config_path: Path, *files: Path) -> RateTable:
    config_path.write_text(f"[rates]\nfiles = {json.dumps([str(file) for file in files])}\n{CDN_WITH_KEY}")
    return load(config_path).rates.table


def rate_of(table: RateTable, source: str, target: str) -> ExchangeRate:
    [rate] = table.path(CurrencyCode(source), CurrencyCode(target), DAY) or []
    return rate


def problem(config_path: Path, *files: Path) -> str:
    with pytest.raises(ConfigurationError) as error_info:
        load_rates(config_path, *files)
    return str(error_info.value).splitlines()[1].strip()


def test_without_files_there_are_no_rates(config_path: Path) -> None:
    config_path.write_text(CDN_WITH_KEY)

    assert not load(config_path).rates.table


@pytest.mark.parametrize(
    "text",
    [
        OWN,
        "\ufeff" + OWN.replace("\n", "\r\n"),
        OWN.replace(",", " , ") + "\n\n",
        'source,rate,date,currency,base\n"Treasury",0.9012,2026-09-30,EUR,USD\n',
    ],
)
def test_an_own_file_is_read(config_path: Path, tmp_path: Path, text: str) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(text, newline="")

    rate = rate_of(load_rates(config_path, file), "USD", "EUR")

    assert (rate.base, rate.quote, str(rate.rate), rate.day, rate.source) == ("USD", "EUR", "0.9012", DAY, "Treasury")


@pytest.mark.parametrize("is_zip", [False, True])
def test_the_history_of_the_ecb_is_read(config_path: Path, tmp_path: Path, is_zip: bool) -> None:
    file = tmp_path / ("eurofxref-hist.zip" if is_zip else "eurofxref-hist.csv")
    if is_zip:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("eurofxref-hist.csv", ECB)
    else:
        file.write_text(ECB)

    table = load_rates(config_path, file)

    assert [str(rate_of(table, "EUR", code).rate) for code in ("USD", "JPY", "CYP")] == ["1.1000", "160.25", "0.58"]
    assert {rate_of(table, "EUR", code).day for code in ("USD", "CYP")} == {DAY, date(2026, 9, 29)}
    assert rate_of(table, "EUR", "USD").source == "ECB"


RATE_HELP = "write a rate above 0 such as 1.0534, of at most 18 characters, not"
INVALID = {
    "": "line 1: write the header base,currency,date,rate,source.",
    "base,quote,date,rate,source\n": "line 1: write the header base,currency,date,rate,source.",
    HEADER + "USD,EUR,2026-09-30,1\n": "line 2: the line has 4 fields, but the header has 5.",
    HEADER + "USD,EUR,2026-09-30,0,T\n": f"line 2: {RATE_HELP} '0'.",
    HEADER + "USD,EUR,2026-09-30,-1,T\n": f"line 2: {RATE_HELP} '-1'.",
    HEADER + "USD,EUR,2026-09-30,1e5,T\n": f"line 2: {RATE_HELP} '1e5'.",
    HEADER + "USD,EUR,2026-09-30,\u0661,T\n": f"line 2: {RATE_HELP} '\u0661'.",
    HEADER + '\nUSD,EUR,2026-09-30,"1,5",T\n': f"line 3: {RATE_HELP} '1,5'.",
    HEADER + f"USD,EUR,2026-09-30,{'1' * 19},T\n": f"line 2: {RATE_HELP} '{'1' * 19}'.",
    HEADER + "USD,EUR,30.09.2026,1,T\n": "line 2: write a day such as \"2026-11-27\" instead of '30.09.2026'.",
    HEADER + "USD,EUR,2026-02-30,1,T\n": "line 2: write a day such as \"2026-11-27\" instead of '2026-02-30'.",
    HEADER + "usd,EUR,2026-09-30,1,T\n": "line 2: write a currency code such as \"USD\" instead of 'usd'.",
    HEADER + "USD,USD,2026-09-30,1,T\n": "line 2: base and currency are the same.",
    HEADER + "USD,EUR,2026-09-30,1,\n": "line 2: write a source of at most 100 characters.",
    OWN + "USD,EUR,2026-09-29,0.91,Treasury\n": "line 4: USD to EUR has another rate of 2026-09-29 already.",
    HEADER + 'USD,EUR,"2026': "line 2: unexpected end of data.",
    ECB + "2026-09-28,1.2,\n": "line 4: the line has 3 fields, but the header has 5.",
    "Date,US,\n": "line 1: write a currency code such as \"USD\" instead of 'US'.",
}


@pytest.mark.parametrize(("text", "message"), INVALID.items())
def test_an_invalid_file_is_refused(config_path: Path, tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(text)

    assert problem(config_path, file) == f"rates: {file}, {message}"


def test_a_missing_file_is_refused(config_path: Path, tmp_path: Path) -> None:
    assert problem(config_path, tmp_path / "none.csv") == (
        f"rates: {tmp_path}/none.csv cannot be read (No such file or directory)."
    )
    assert problem(config_path, tmp_path) == f"rates: {tmp_path} is not a regular file."


def test_a_pipe_is_not_read(config_path: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert problem(config_path, tmp_path / "pipe") == f"rates: {tmp_path}/pipe is not a regular file."


def test_a_long_file_is_not_read(config_path: Path, tmp_path: Path) -> None:
    plain, packed = tmp_path / "rates.csv", tmp_path / "rates.zip"
    plain.write_bytes(b" " * (MAX_FILE_BYTES + 1))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rates.csv", b" " * (MAX_FILE_BYTES + 1))

    for file in (plain, packed):
        assert problem(config_path, file) == f"rates: {file} is longer than 16,000,000 bytes."


@pytest.mark.parametrize("names", [[], ["a.csv", "b.csv"], ["readme.txt"]])
def test_an_archive_has_one_csv(config_path: Path, tmp_path: Path, names: list[str]) -> None:
    file = tmp_path / "rates.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, ECB)

    assert problem(config_path, file) == f"rates: {file} must contain exactly one CSV file."


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"PK\x03\x04 cut"])
def test_binary_content_is_refused(config_path: Path, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rates.csv"
    file.write_bytes(content)

    assert problem(config_path, file).startswith(f"rates: {file}")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damaged_archives_are_refused(config_path: Path, tmp_path: Path, method: int) -> None:
    file = tmp_path / "rates.zip"
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("rates.csv", ECB * 50)
    content = bytearray(file.read_bytes())
    content[60:80] = bytes(20)
    file.write_bytes(content)

    assert problem(config_path, file) == f"rates: {file} is neither a CSV file in UTF-8 nor a ZIP file with one."


def test_the_number_of_files_is_bounded(config_path: Path, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(OWN)

    assert problem(config_path, *[file] * 9) == "rates.files: name at most 8 files."
