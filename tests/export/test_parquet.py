"""Parquet: exact decimals, instants in UTC, and nothing that is rounded."""

import io
from decimal import Decimal
from pathlib import Path
from secrets import token_hex

import pyarrow as pa
from pyarrow import parquet

from server.config.export import ExportSettings
from tests.harness import running_service, sandbox_of
from tests.resolvers.fastly import line_payload
from tests.server.command import run_command

from .files import TERMS, add_invoice, read_csv, read_error

PATH = "/export/focus.parquet"


async def test_values_are_those_of_the_csv() -> None:
    async with running_service(settings={"payment_terms": "Net 30", "rate_limit": None}) as service:
        rows = read_csv(await service.client.get("/export/focus.csv"))
        table = parquet.read_table(io.BytesIO((await service.client.get(PATH)).content))

    assert table.column_names == list(rows[0])
    assert table.num_rows == len(rows) == 901
    assert sum(table["BilledCost"].to_pylist()) == sum(Decimal(row["BilledCost"]) for row in rows)
    assert [text or "" for text in table["InvoiceDetailGrain"].to_pylist()] == [
        row["InvoiceDetailGrain"] for row in rows
    ]
    starts = table["BillingPeriodStart"].to_pylist()
    assert [f"{start:%Y-%m-%dT%H:%M:%SZ}" for start in starts] == [row["BillingPeriodStart"] for row in rows]


async def test_types_of_columns() -> None:
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        add_invoice(service, line_payload("=1+1"))
        response = await service.client.get(PATH)
        table = parquet.read_table(io.BytesIO(response.content))

    types = {field.name: field.type for field in table.schema}
    assert types["BilledCost"] == pa.decimal128(38, 17)
    assert types["x_UnitPrice"] == pa.decimal128(38, 16)
    assert types["x_Quantity"] == pa.decimal128(38, 14)
    assert types["BillingPeriodEnd"] == pa.timestamp("us", tz="UTC")
    assert types["InvoiceDetailGrain"] == types["InvoiceId"] == pa.string()
    assert table["InvoiceDetailDescription"].to_pylist() == ["=1+1"]
    assert response.headers["export-guarded"] == "0"


async def test_digits_that_do_not_fit_end_the_export() -> None:
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        add_invoice(service, line_payload(amount=Decimal("0.123456789012345678")))
        refused = await service.client.get(PATH)
        [row] = read_csv(await service.client.get("/export/focus.csv"))

    status, code, message = read_error(refused)
    assert (status, code) == (422, "UNREPRESENTABLE")
    assert message.startswith("A value of BilledCost has more than 17 digits after the point")
    assert row["BilledCost"] == "0.123456789012345678"


async def test_a_file_that_is_too_long_is_refused() -> None:
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        service.app.state.exporter.apply_settings(ExportSettings(megabytes=1))
        add_invoice(service, *(line_payload(token_hex(1_000)) for _ in range(1_000)))
        response = await service.client.get(PATH)

    assert read_error(response)[:2] == (413, "BAD_USER_INPUT")


async def test_an_empty_file_has_its_columns() -> None:
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        response = await service.client.get(f"{PATH}?periodFrom=2030-01-01")

    table = parquet.read_table(io.BytesIO(response.content))
    assert (table.num_rows, table.column_names[0]) == (0, "BilledCost")


async def test_without_the_extra_a_sentence_says_so(tmp_path: Path) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError")
    outcome = await run_command(
        "export", "--sandbox", "--dataset", "lines", "--format", "parquet", PYTHONPATH=str(tmp_path)
    )

    message = (
        "This service does not write Parquet. Request CSV, or ask its operator to install invoicegraph[parquet].\n"
    )
    assert outcome == (1, "", message)
