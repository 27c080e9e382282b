"""The pages of projects: their cost by month and by invoice, equal to the graph's sums."""

import re
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from playwright.async_api import expect

from providers.sandbox import Fault
from tests.browser import needs_browser
from tests.harness import NO_CACHE_NO_RETRY, Service

from .console import START, Console, open_console
from .reading import money, month, rows_of, written

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

PERIOD = {"periodFrom": "2025-11-01", "periodTo": "2026-11-30"}  # the default period of the page
PROJECT = "spectrocloud/sandbox-palette/project/5fbbf0a9206561fc62a76e09"
SPEND = """query ($keys: [SpendKey!]!, $filter: InvoiceFilter) {
  spend(groupBy: $keys, filterBy: $filter) { rows { month product project { name } billed { amount currency } } } }"""
CHARGES = """query ($id: ID!, $filter: InvoiceFilter) {
  project(id: $id) { charges(first: 200, filterBy: $filter) { nodes {
  cost { amount currency } usage { product used { amount unit } cost { amount currency } }
  invoice { id period { start } } } } } }"""


async def spend(service: Service, keys: list[str], **filters: Any) -> list[dict[str, Any]]:
    data = await service.data(SPEND, {"keys": keys, "filter": PERIOD | filters})
    rows: list[dict[str, Any]] = data["spend"]["rows"]
    return rows


def by_month(rows: list[dict[str, Any]], name: str) -> dict[str, dict[str, str]]:
    """The written amounts in USD, by the name of the month and then by the key."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        key = row["project"] and row["project"]["name"] if name == "project" else row[name]
        if key:
            found[month(row["month"])][key] = written(row["billed"]["amount"], "USD").removeprefix("USD ")
    return found


async def chart(console: Console) -> dict[str, dict[str, str]]:
    """The numbers of the chart, by month and then by series, without the totals and absent amounts."""
    figure = console.page.get_by_role("figure", name="Cost by month in USD")
    await figure.get_by_role("button", name="Show as a table").click()
    header = await figure.locator("thead th").all_inner_texts()
    rows = [dict(zip(header, row, strict=True)) for row in await rows_of(figure)]
    return {
        row["Month"]: {key: cell for key, cell in row.items() if key not in {"Month", "Total"} and cell != "none"}
        for row in rows
    }


async def test_costs_of_projects_are_the_sums_of_the_graph() -> None:
    async with open_console("projects") as console:
        region = console.page.get_by_role("region", name="All projects")
        await expect(region.get_by_role("table")).to_be_visible()
        rows = [row for row in await spend(console.service, ["PROJECT"]) if row["project"]]
        rows.sort(key=lambda row: -Decimal(row["billed"]["amount"]))
        total = sum(Decimal(row["billed"]["amount"]) for row in rows)
        cells = await rows_of(region)

        expected = [(row["project"]["name"], money(row["billed"])) for row in rows]
        assert [(row[0], row[-1]) for row in cells] == [*expected, ("legacy-batch", "none")]
        await expect(region.locator("tfoot")).to_contain_text(written(str(total), "USD").removeprefix("USD "))
        await expect(region).to_contain_text("does not split invoices by project: Archera (sandbox), Fastly (sandbox).")
        assert await chart(console) == by_month(await spend(console.service, ["MONTH", "PROJECT"]), "project")
        console.visit.assert_clean()


async def test_only_accounts_with_projects_are_called() -> None:
    async with open_console(START, NO_CACHE_NO_RETRY) as console:
        await console.open("projects")
        await expect(console.rows).to_have_count(5)

        assert console.service.calls("archera") == console.service.calls("fastly") == []


async def test_filters_are_in_the_address_and_the_back_button_restores_them() -> None:
    async with open_console("projects?period=year") as console:
        await expect(console.rows).to_have_count(5)
        await console.page.get_by_label("Search").press_sequentially("CHECK")
        await expect(console.rows).to_have_count(1)
        await expect(console.page).to_have_url(f"{console.url}projects?period=year&search=CHECK")
        await console.choose("Account", "Fastly (sandbox)")
        await expect(console.page.get_by_text("Fastly is not called: its invoices name no projects.")).to_be_visible()
        await console.page.go_back()
        await expect(console.rows).to_have_count(1)
        await console.rows.get_by_role("link").click()

        await expect(console.title).to_have_text("checkout")
        await expect(console.page).to_have_url(re.compile(r"/project\?id=.*&period=year$"))
        await expect(console.page.get_by_role("region", name="Period")).to_contain_text(re.compile(r"Jan\W+Nov 2026"))
        console.visit.assert_clean()


async def test_project_shows_its_share_of_each_invoice() -> None:
    async with open_console(f"project?id={PROJECT}") as console:
        region = console.page.get_by_role("region", name="Cost by invoice")
        await expect(region.get_by_role("table")).to_be_visible()
        data = await console.service.data(CHARGES, {"id": PROJECT, "filter": PERIOD})
        charges = data["project"]["charges"]["nodes"]
        (total,) = await spend(console.service, [], projects=[PROJECT])
        cells = await rows_of(region)

        assert [(row[0], row[-1]) for row in cells] == [
            (month(charge["invoice"]["period"]["start"]), money(charge["cost"])) for charge in charges
        ]
        assert [row[2] for row in cells] == [
            " ".join(
                f"{usage['product']} {written(usage['used']['amount'], usage['used']['unit'])} {money(usage['cost'])}"
                for usage in charge["usage"]
            )
            for charge in charges
        ]
        cost = console.page.locator(".stat", has_text=re.compile("^Cost"))
        await expect(cost).to_contain_text(money(total["billed"]))
        months = await spend(console.service, ["MONTH", "PRODUCT"], projects=[PROJECT])
        assert await chart(console) == by_month(months, "product")
        await region.get_by_role("link").first.click()
        await expect(console.title).to_have_text(re.compile("October 2026"))
        console.visit.assert_clean()


async def test_absent_project_empty_period_and_failure_differ() -> None:
    async with open_console("project?id=none", NO_CACHE_NO_RETRY) as console:
        await expect(console.page.get_by_text("This project was not found.")).to_be_visible()
        await console.open(f"project?id={PROJECT}&period=month")
        await expect(console.page.get_by_text("No invoice of this period charges the project.")).to_be_visible()
        console.service.control("spectrocloud").faults.append(Fault(kind="status", status=503))
        await console.page.reload()
        await expect(console.page.get_by_role("alert")).to_contain_text("The project could not be loaded.")
        await expect(console.page.get_by_text("was not found")).to_have_count(0)
        await console.open("projects")

        await expect(console.page.get_by_text("The projects are not known: no account could be read.")).to_be_visible()
        console.visit.assert_clean()
