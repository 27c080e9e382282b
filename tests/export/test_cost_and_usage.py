"""FOCUS 1.2 Cost and Usage: what invoices can fill, and what they leave."""

import pytest

from tests.harness import running_service, sandbox_of
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
