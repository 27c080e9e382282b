"""FOCUS 1.4 Invoice Detail: the value of every column for the recorded samples, and each gap."""

from decimal import Decimal

import pytest

from providers.sandbox import Fault
from tests.harness import NO_CACHE_NO_RETRY, running_service, sandbox_of
from tests.recorded import recorded_text
from tests.resolvers.fastly import line_payload

from .files import TERMS, Row, add_invoice, fastly_rows, read_csv, read_error

FASTLY = {
    "BilledCost": "292.03",
    "BillingAccountId": "51MumwLiSJyFTWhtbByYgR",
    "BillingCurrency": "USD",
    "BillingPeriodEnd": "2026-08-01T00:00:00Z",
    "BillingPeriodStart": "2026-07-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "InvoiceDetailDescription": "Asia Requests",
    "InvoiceDetailGrain": '{"ServiceName":"Full Site Delivery","RegionId":"Asia","SkuMeter":"Requests",'
    '"x_Product":"Asia Requests","x_ProductLine":"Network Services"}',
    "InvoiceId": "INV-375119",
    "InvoiceIssueDate": "",
    "InvoiceIssueStatus": "Issued",
    "InvoiceIssuerName": "Fastly",
    "PaymentDueDate": "",
    "PaymentTerms": "Net 30",
    "ReferenceInvoiceId": "INV-375119",
    "x_AccountId": "fastly/sandbox-fastly",
    "x_AccountName": "Fastly (sandbox)",
    "x_InvoiceNumber": "INV-375119",
    "x_PaymentStatus": "PENDING",
    "x_PaymentWord": "outstanding",
    "x_Product": "Asia Requests",
    "x_ProductGroup": "Full Site Delivery",
    "x_ProductLine": "Network Services",
    "x_Quantity": "146017.0369",
    "x_Region": "Asia",
    "x_Sandbox": "true",
    "x_Unit": "",
    "x_UnitPrice": "0.002",
}
VOLATILE = {"InvoiceDetailCreated", "InvoiceDetailLastUpdated", "InvoiceDetailId", "x_LineItemId"}


async def rows_of(provider: str, faults: list[Fault], **settings: object) -> list[Row]:
    """Return the rows of one provider's account whose responses are recorded."""
    async with running_service(sandbox_of(provider), settings=TERMS | settings) as service:
        service.control(provider).faults += faults
        return read_csv(await service.client.get("/export/focus.csv"))


async def test_each_column_of_a_fastly_line() -> None:
    rows = await rows_of("fastly", [Fault(kind="garbage", body=recorded_text("fastly", "invoices.200"))])

    assert {name: value for name, value in rows[0].items() if name not in VOLATILE} == FASTLY
    assert [row["BilledCost"] for row in rows] == ["292.03", "2600", "-75.00", "-25", "292.03"]
    assert [row["ChargeCategory"] for row in rows] == ["Usage", "Purchase", "Credit", "Adjustment", "Usage"]


async def test_ids_of_lines_contain_that_of_the_invoice() -> None:
    row = (await rows_of("fastly", [Fault(kind="garbage", body=recorded_text("fastly", "invoices.200"))]))[0]

    assert row["InvoiceDetailId"] == f"INV-375119:{row['x_LineItemId'].rpartition('/')[2]}"


async def test_issue_date_and_due_date_of_old_invoices() -> None:
    rows = await rows_of("fastly", [Fault(kind="garbage", body=recorded_text("fastly", "invoices.200"))])
    stated = [(row["InvoiceIssueDate"], row["InvoiceDetailCreated"], row["PaymentDueDate"]) for row in rows[-1:]]

    assert stated == [("2024-06-03T09:12:44Z", "2024-06-03T09:12:44Z", "2024-07-03T09:12:44Z")]


async def test_due_date_from_the_end_of_the_period() -> None:
    faults = [Fault(kind="garbage", body=recorded_text("fastly", "invoices.200"))]

    rows = await rows_of("fastly", faults, due_from="period_end", net_days=14)

    assert rows[0]["PaymentDueDate"] == "2026-08-15T00:00:00Z"


async def test_each_column_of_a_palette_line() -> None:
    rows = await rows_of(
        "spectrocloud",
        [Fault(kind="garbage", body=recorded_text("spectrocloud", "invoice.200"))],
        invoice_uids=["65bb0c1de4b0a1b2c3d4e5f6"],
    )

    assert [row["InvoiceDetailId"] for row in rows] == [
        "65bb0c1de4b0a1b2c3d4e5f6:pure",
        "65bb0c1de4b0a1b2c3d4e5f6:alloy",
    ]
    pure = rows[0]
    assert (pure["BilledCost"], pure["x_Tier"], pure["x_UsedCredits"]) == ("1234.56", "Tier 2", "66.1520")
    assert pure["InvoiceDetailGrain"] == '{"ServiceName":"Palette","x_Product":"Pure"}'
    assert (pure["InvoiceDetailCreated"], pure["InvoiceDetailLastUpdated"]) == (
        "2026-02-01T00:05:11Z",
        "2026-02-03T10:00:00Z",
    )
    assert (pure["InvoiceIssuerName"], pure["x_Unit"], pure["InvoiceDetailDescription"]) == (
        "Spectro Cloud",
        "credits",
        "",
    )


async def test_each_column_of_an_archera_line() -> None:
    async with running_service(sandbox_of("archera"), settings=TERMS) as service:
        rows = read_csv(await service.client.get("/export/focus.csv?periodFrom=2026-10-01"))

    row = rows[2]
    assert (row["InvoiceId"], row["BilledCost"], row["BillingCurrency"]) == ("inv_2026_10", row["BilledCost"], "USD")
    assert (row["ChargeCategory"], row["InvoiceIssuerName"]) == ("Purchase", "Archera")
    assert row["InvoiceDetailGrain"] == f'{{"ServiceName":"Archera","x_Commitment":"{row["x_Commitment"]}"}}'
    assert row["InvoiceDetailCreated"] == row["InvoiceDetailLastUpdated"]
    assert len(rows) == 7  # and one line states no money


async def test_configuration_replaces_facts_of_the_provider() -> None:
    settings = {"billing_account_id": "AWS-1", "invoice_issuer": "AWS Marketplace", "purchase_order": "PO 7"}
    async with running_service(sandbox_of("archera"), settings=TERMS | settings) as service:
        row = read_csv(await service.client.get("/export/focus.csv?periodFrom=2026-10-01"))[0]

    columns = ("BillingAccountId", "InvoiceIssuerName", "PurchaseOrderNumber")
    assert [row[column] for column in columns] == ["AWS-1", "AWS Marketplace", "PO 7"]


async def test_placeholders_become_nulls() -> None:
    [row] = await fastly_rows(line_payload(product_group="N/A", product_line="n/a", description=" "))

    assert (row["x_ProductGroup"], row["x_ProductLine"], row["InvoiceDetailDescription"]) == ("", "", "")
    assert row["InvoiceDetailGrain"] == '{"ServiceName":"CDN","x_Product":"CDN"}'


async def test_lines_without_money_are_left_out() -> None:
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        add_invoice(service, line_payload("Paid"), line_payload("Unknown", amount=None))
        response = await service.client.get("/export/focus.csv")
        manifest = (await service.client.get("/export/focus.json")).json()

    assert [row["InvoiceDetailDescription"] for row in read_csv(response)] == ["Paid"]
    assert (response.headers["export-rows"], response.headers["export-left-out"]) == ("1", "1")
    assert manifest["leftOut"]["count"] == 1
    assert manifest["leftOut"]["rows"][0]["reason"] == "The line states no amount, or no currency."


async def test_a_line_of_cost_zero_is_a_row() -> None:
    [row] = await fastly_rows(line_payload(amount=Decimal("0.00")))

    assert row["BilledCost"] == "0.00"


async def test_strict_files_need_terms_of_payment() -> None:
    async with running_service(sandbox_of("fastly"), settings=NO_CACHE_NO_RETRY) as service:
        add_invoice(service, line_payload(), line_payload())
        strict = await service.client.get("/export/focus.csv")
        annotated = read_csv(await service.client.get("/export/focus.csv?mode=annotated"))

    assert read_error(strict) == (
        422,
        "FOCUS_GAPS",
        "Rows do not conform to FOCUS. Columns without a value: PaymentTerms in 2. The provider does not state it. Set "
        "payment_terms of the account in the configuration. The mode annotated exports them with their gaps.",
    )
    assert strict.json()["errors"][0]["extensions"]["gaps"] == [{"column": "PaymentTerms", "rows": 2}]
    assert [row["PaymentTerms"] for row in annotated] == ["", ""]
    assert '"PaymentTerms":"MISSING"' in annotated[0]["x_Gaps"]


@pytest.mark.parametrize(
    ("currency", "codes"),
    [("USD", []), ("XYZ", ["BillingCurrency"]), ("HRK", ["BillingCurrency"]), (None, ["BilledCost"])],
)
async def test_currencies_are_those_of_iso_4217(currency: str | None, codes: list[str]) -> None:
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        add_invoice(service, line_payload(), currency_code=currency)
        manifest = (await service.client.get("/export/focus.json")).json()

    assert [row["column"] for row in manifest["leftOut"]["rows"]] == codes


async def test_an_unreadable_amount_is_a_gap() -> None:
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        add_invoice(service, line_payload(amount="1,234.50"))
        manifest = (await service.client.get("/export/focus.json")).json()

    [left_out] = manifest["leftOut"]["rows"]
    assert left_out["reason"] == "The provider states it in a form that cannot be read."
