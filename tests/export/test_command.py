"""`invoicegraph export`: exit codes, and files that are whole or not there."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from providers.sandbox import Control, Fault
from tests.resolvers.fastly import invoice_payload, line_payload, list_fault
from tests.server.command import run_command
from tests.server.provider import serve_fastly

TERMS = 'payment_terms = "Net 30"\nattempts = 1\n'


@dataclass
class Command:
    """The command over one Fastly account with one invoice, and the file that it writes."""

    control: Control
    config: Path
    file: Path

    async def run(self, *options: str) -> tuple[int | None, str, str]:
        return await run_command("export", "--config", str(self.config), "--output", str(self.file), *options)


@asynccontextmanager
async def command(folder: Path, account: str = TERMS) -> AsyncIterator[Command]:
    async with serve_fastly(folder) as provider:
        provider.control.faults.append(list_fault(invoice_payload("INV-1", "2026-09", line_payload())))
        yield Command(provider.control, provider.configure(account=account), folder / "file.csv")


def names_in(folder: Path, pattern: str) -> list[str]:
    return sorted(path.name for path in folder.glob(pattern))


@pytest.fixture
async def export(tmp_path: Path) -> AsyncIterator[Command]:
    async with command(tmp_path) as running:
        yield running


async def test_a_whole_file_ends_with_0(export: Command, tmp_path: Path) -> None:
    code, out, err = await export.run("--manifest", str(tmp_path / "manifest.json"))

    content, manifest = export.file.read_bytes(), json.loads((tmp_path / "manifest.json").read_text())
    assert (code, out, err) == (0, "", "1 rows, 0 left out, coverage complete. Sums: 1.50 USD.\n")
    assert content.count(b"\r\n") == 2
    assert manifest["sha256"] == sha256(content).hexdigest()
    assert manifest["sums"] == [{"currency": "USD", "sum": "1.50"}]
    assert names_in(tmp_path, "file*") == ["file.csv"]


async def test_gaps_end_with_3_and_leave_the_old_file(tmp_path: Path) -> None:
    async with command(tmp_path, account="") as export:
        export.file.write_text("old")
        code, _, err = await export.run()

    assert (code, export.file.read_text()) == (3, "old")
    assert err.startswith("Rows do not conform to FOCUS. Columns without a value: PaymentTerms in 1.")


async def test_a_failing_provider_ends_with_1(export: Command) -> None:
    export.control.faults.insert(0, Fault(kind="status"))
    code, _, err = await export.run()

    assert (code, export.file.exists()) == (1, False)
    assert "A file in the mode annotated has what could be read." in err


async def test_a_part_of_a_file_ends_with_4(export: Command) -> None:
    export.control.faults.insert(0, Fault(kind="status"))
    code, _, err = await export.run("--mode", "annotated")

    assert (code, export.file.read_bytes().count(b"\r\n")) == (4, 1)
    assert "coverage partial" in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--dataset", "all"], "There is no dataset all. There are invoice-detail, cost-and-usage, invoices, lines.\n"),
        (
            ["--from", "2026-13-01"],
            'The option --from is not valid: Date must be a calendar day such as "2026-09-30".\n',
        ),
    ],
)
async def test_bad_options_end_with_2(export: Command, options: list[str], message: str) -> None:
    assert await export.run(*options) == (2, "", message)


async def test_unknown_accounts_end_with_1(export: Command) -> None:
    assert await export.run("--account", "fastly/x") == (
        1,
        "",
        'No account has the id "fastly/x". Did you mean "fastly/cdn1"?\n',
    )


async def test_a_file_that_cannot_be_written_ends_with_1(export: Command, tmp_path: Path) -> None:
    export.file = tmp_path / "none" / "file.csv"

    assert await export.run() == (1, "", f"{export.file} cannot be written: No such file or directory.\n")


async def test_the_standard_output_has_the_file_only(export: Command) -> None:
    export.file = Path("-")
    code, out, err = await export.run("--dataset", "lines")

    assert (code, out.count("\n"), out.startswith("provider,account,")) == (0, 2, True)
    assert err == "1 rows, 0 left out, coverage complete. Sums: 1.50 USD.\n"
