"""FOCUS 1.2 Cost and Usage: what invoices can fill, and what they leave."""

from decimal import Decimal
from typing import Any

import pytest

from providers.sandbox import Fault
from providers.sandbox.data import encode
from tests.harness import running_service, sandbox_of
from tests.recorded import recorded_payload
from tests.resolvers.fastly import line_payload

from .files import TERMS, add_invoice, fastly_rows, read_csv, read_error

QUERY = "?dataset=cost-and-usage&mode=annotated"


async def test_columns_of_a_fastly_line() -> None:
    [row] = await fastly_rows(line_payload("", product_group="Full Site Delivery"), query=QUERY)

    assert row["BilledCost"] == row["ListCost"] == row["ContractedCost"] == row["EffectiveCost"] == "1.50"
    assert (row["ChargePeriodStart"], row["ChargePeriodEnd"]) == (row["BillingPeriodStart"], row["BillingPeriodEnd"])
    assert (row["ChargeDescription"], row["ChargeFrequency"], row["ChargeClass"]) == ("CDN", "Usage-Based", "")
    assert (row["ProviderName"], row["PublisherName"], row["InvoiceIssuerName"]) == ("Fastly", "Fastly", "Fastly")
    assert (row["PricingQuantity"], row["PricingUnit"]) == ("", "")


@pytest.mark.parametrize(
    ("group", "service"),
    [
        ("Full Site Delivery", ("Networking", "Content Delivery", "Full Site Delivery")),
        ("Compute", ("Compute", "Serverless Compute", "Compute")),
        ("TLS", ("Security", "Other (Security)", "TLS")),
        ("Something new", ("Networking", "Other (Networking)", "Something new")),
        ("N/A", ("Networking", "Other (Networking)", "CDN")),
    ],
)
async def test_services_follow_the_product_group(group: str, service: tuple[str, str, str]) -> None:
    [row] = await fastly_rows(line_payload(product_group=group), query=QUERY)

    assert (row["ServiceCategory"], row["ServiceSubcategory"], row["ServiceName"]) == service


@pytest.mark.parametrize(
    ("provider", "service", "description", "unit"),
    [
        ("spectrocloud", ("Compute", "Containers", "Palette"), "Pure Tier 2", "credits"),
        ("archera", ("Management and Governance", "Cost Management", "Archera"), "Premium three_year", ""),
    ],
)
async def test_services_of_the_others(provider: str, service: tuple[str, ...], description: str, unit: str) -> None:
    async with running_service(sandbox_of(provider), settings=TERMS) as running:
        rows = read_csv(await running.client.get(f"/export/focus.csv{QUERY}"))

    assert {(row["ServiceCategory"], row["ServiceSubcategory"], row["ServiceName"]) for row in rows} == {service}
    assert {row["PricingUnit"] for row in rows} == {unit}
    assert description in {row["ChargeDescription"] for row in rows}


async def test_a_strict_file_needs_units_of_quantities() -> None:
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        add_invoice(service, line_payload())
        response = await service.client.get("/export/focus.csv?dataset=cost-and-usage")

    assert read_error(response)[:2] == (422, "FOCUS_GAPS")
    assert response.json()["errors"][0]["extensions"]["gaps"] == [
        {"column": "PricingQuantity", "rows": 1},
        {"column": "PricingUnit", "rows": 1},
    ]


async def test_a_strict_file_of_palette_conforms() -> None:
    async with running_service(sandbox_of("spectrocloud"), settings=TERMS) as service:
        response = await service.client.get("/export/focus.csv?dataset=cost-and-usage")

    assert (response.status_code, int(response.headers["export-rows"]) > 40) == (200, True)


async def test_shares_of_projects_add_up_to_the_lines() -> None:
    async with running_service(sandbox_of("spectrocloud"), settings=TERMS) as service:
        lines = (await service.client.get("/export/focus.json?dataset=cost-and-usage")).json()
        shares = (await service.client.get("/export/focus.json?dataset=cost-and-usage&breakdown=PROJECTS")).json()

    assert shares["rows"] > lines["rows"]
    assert decimals(shares) == decimals(lines)
    assert [*map(decimals, shares["invoices"]["sums"])] == [*map(decimals, lines["invoices"]["sums"])]


def decimals(contents: dict[str, Any]) -> dict[str, Decimal]:
    """Return the sums by currency."""
    return {each["currency"]: Decimal(each["sum"]) for each in contents["sums"]}


async def test_what_shares_leave_is_a_row() -> None:
    payload = recorded_payload("spectrocloud", "invoice.200")
    payload["status"]["projects"][0]["usage"]["pure"]["amount"] = "1000.56"
    settings = TERMS | {"invoice_uids": ["65bb0c1de4b0a1b2c3d4e5f6"]}
    async with running_service(sandbox_of("spectrocloud"), settings=settings) as service:
        service.control("spectrocloud").faults.append(Fault(kind="garbage", body=encode(payload).decode()))
        rows = read_csv(await service.client.get(f"/export/focus.csv{QUERY}&breakdown=PROJECTS"))

    shown = [(row["SubAccountId"], row["SubAccountName"], row["x_Product"], row["BilledCost"]) for row in rows]
    assert shown[:2] == [("5fbbf0a1", "Default", "Pure", "1000.56"), ("5fbbf0a1", "Default", "Alloy", "18.5")]
    assert ("", "", "Pure", "234.00") in shown
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal("1253.06")
    assert (rows[0]["PricingQuantity"], rows[0]["PricingUnit"]) == ("66.152", "credits")
