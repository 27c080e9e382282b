"""LibreOffice opens the CSV, and its numbers add up to the sums of the manifest."""

import csv
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from tests.harness import running_service
from tests.resolvers.fastly import line_payload

from .files import add_invoice

SOFFICE = shutil.which("soffice")
CONFIGURED = {"payment_terms": "Net 30", "rate_limit": None}


def convert(file: Path, content: bytes) -> list[list[str]]:
    """Let LibreOffice open the file, calculate, and save it as CSV again. Returns the saved cells."""
    file.write_bytes(content)
    saved, profile = file.parent / "saved", f"-env:UserInstallation=file://{file.parent}/profile"
    command = [str(SOFFICE), profile, "--headless", "--convert-to", "ods", "--outdir", str(saved), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    command[4:] = ["csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false", "--outdir", str(saved)]
    subprocess.run([*command, str(saved / f"{file.stem}.ods")], check=True, capture_output=True, timeout=120)
    with (saved / f"{file.stem}.csv").open(newline="") as stream:
        return list(csv.reader(stream))


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
async def test_a_spreadsheet_has_the_sums_of_the_manifest(tmp_path: Path) -> None:
    async with running_service(settings=CONFIGURED) as service:
        response = await service.client.get("/export/focus.csv")
        manifest = (await service.client.get("/export/focus.json")).json()

    header, *rows = convert(tmp_path / "focus.csv", response.content)
    cost, currency = header.index("BilledCost"), header.index("BillingCurrency")
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row[currency]] = sums.get(row[currency], Decimal(0)) + Decimal(row[cost])
    assert len(rows) == manifest["rows"]
    assert sums == {each["currency"]: Decimal(each["sum"]) for each in manifest["sums"]}


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
async def test_a_spreadsheet_runs_no_text(tmp_path: Path) -> None:
    async with running_service(settings=CONFIGURED) as service:
        add_invoice(service, line_payload("=1+41"), line_payload("+1+41"), line_payload("@SUM(1;41)"))
        response = await service.client.get("/export/lines.csv?providers=fastly")

    header, *rows = convert(tmp_path / "lines.csv", response.content)
    assert "42" not in {row[header.index("description")] for row in rows}
    assert [row[header.index("description")] for row in rows] == ["'=1+41", "'+1+41", "'@SUM(1;41)"]
