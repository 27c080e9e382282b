"""`invoicegraph report`: exact sums of one month, in three formats."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from providers.sandbox import Fault
from tests.resolvers.fastly import invoice_payload, line_payload, list_fault
from tests.server.command import run_command
from tests.server.provider import serve_fastly

LINES = [line_payload("a", Decimal("1.50")), line_payload("b", Decimal("2.25"), product_name="=TLS")]
TOTAL = {"monthly_transaction_amount": Decimal("3.75")}
TABLE = """Spend of 2026-09

ACCOUNT      CURRENCY  BILLED  CHARGES  CREDITS  ADJUSTMENTS  TAXES  INVOICES  LINES  UNPRICED
fastly/cdn1  USD         3.75     3.75        0            0                1      2         0
total        USD         3.75     3.75        0            0                1      2         0

No discrepancies.

fastly/cdn1: COMPLETE.
"""
CSV = (
    "product,currency,billed,charges,credits,adjustments,taxes,invoices,lines,unpriced\r\n"
    '"\'=TLS",USD,2.25,2.25,0,0,,1,1,0\r\n'
    "CDN,USD,1.50,1.50,0,0,,1,1,0\r\n"
)


@asynccontextmanager
async def configured(folder: Path, lines: list[dict[str, Any]], *faults: Fault) -> AsyncIterator[str]:
    """Serve a Fastly account with one invoice of these lines. Yields the path of its configuration."""
    async with serve_fastly(folder) as provider:
        provider.control.faults += [*faults, list_fault(invoice_payload("INV-1", "2026-09", *lines, **TOTAL))]
        yield str(provider.configure(account="attempts = 1\n"))


async def report(config: str, *options: str) -> tuple[int | None, str, str]:
    return await run_command("report", "--config", config, "--month", "2026-09", *options)


async def test_a_table_has_rows_totals_and_coverage(tmp_path: Path) -> None:
    async with configured(tmp_path, LINES) as config:
        assert await report(config) == (0, TABLE, "")


async def test_csv_has_rows_only_and_is_guarded(tmp_path: Path) -> None:
    async with configured(tmp_path, LINES) as config:
        assert await report(config, "--by", "product", "--format", "csv") == (0, CSV, "")


async def test_json_has_texts_of_exact_amounts(tmp_path: Path) -> None:
    async with configured(tmp_path, [*LINES, line_payload("c", None)]) as config:
        code, out, _ = await report(config, "--by", "category", "--format", "json")

    content = json.loads(out)
    assert (code, content["month"], content["coverage"]["status"]) == (0, "2026-09", "complete")
    assert [(row["category"], row["currency"], row["billed"], row["unpriced"]) for row in content["rows"]] == [
        ("USAGE", "USD", "3.75", 0),
        ("USAGE", None, None, 1),
    ]
    assert [row["billed"] for row in content["totals"]] == ["3.75", None]


async def test_a_failing_account_makes_it_partial(tmp_path: Path) -> None:
    async with configured(tmp_path, LINES, Fault(kind="status")) as config:
        code, out, _ = await report(config)

    assert code == 4
    assert "fastly/cdn1: MISSING. " in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--month", "2026-9"], "Write the month as YYYY-MM, such as 2026-09.\n"),
        (
            ["--by", "vendor"],
            "There is no key vendor. There are month, provider, account, project, product, product-group, region, "
            "category.\n",
        ),
    ],
)
async def test_bad_options_end_with_2(tmp_path: Path, options: list[str], message: str) -> None:
    async with configured(tmp_path, LINES) as config:
        assert await report(config, *options) == (2, "", message)


async def test_a_key_of_another_view_ends_with_1(tmp_path: Path) -> None:
    async with configured(tmp_path, LINES) as config:
        code, out, err = await report(config, "--by", "project,region")

    assert (code, out) == (1, "")
    assert err == "groupBy has REGION, which the breakdown PROJECTS does not have.\n"


@pytest.mark.parametrize(("severity", "code"), [(None, 0), ("ERROR", 0), ("WARNING", 5), ("INFO", 5)])
async def test_discrepancies_are_listed_and_can_fail(tmp_path: Path, severity: str | None, code: int) -> None:
    wrong = line_payload("a", Decimal("1.50"), rate=9), LINES[1]
    async with configured(tmp_path, list(wrong)) as config:
        options = [] if severity is None else ["--fail-on", severity]
        exit_code, out, _ = await report(config, "--format", "json", *options)
        _, table, _ = await report(config)

    content = json.loads(out)
    [check] = [each for each in content["discrepancies"] if each["severity"] != "INFO"]
    assert (exit_code, content["hasMoreDiscrepancies"]) == (code, False)
    assert check.pop("subject").startswith("fastly/cdn1/line-item/INV-1/")
    assert check == {
        "severity": "WARNING",
        "code": "LINE_PRODUCT",
        "verdict": "MISMATCH",
        "account": "fastly/cdn1",
        "invoice": "fastly/cdn1/invoice/INV-1",
        "expected": "9",
        "actual": "1.50",
        "currency": "USD",
        "unit": None,
    }
    assert "\nWARNING   LINE_PRODUCT  MISMATCH  fastly/cdn1  fastly/cdn1/invoice/INV-1  " in table
