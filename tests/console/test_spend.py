"""The spend page: its rows are those of the graph, in the table, the chart and the file."""

import csv
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Route, expect

from providers import PROVIDERS
from providers.sandbox import Fault, Sandbox
from tests.browser import needs_browser
from tests.harness import NO_CACHE_NO_RETRY, create_sandbox, now

from .checks import loaded, violations
from .console import Console, format_amount, open_console
from .test_overview import cells

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

FIELDS = """month provider { id name } account { id name } project { id name } product productGroup region category
    because currency billed { amount } charges { amount } credits { amount } adjustments { amount } taxes { amount }
    invoices lines unpriced"""
AMOUNTS = "billed", "charges", "credits", "adjustments", "taxes"
COUNTS = "invoices", "lines", "unpriced"
PERIOD = {"periodFrom": "2025-11-01", "periodTo": "2026-11-30"}
NAMED = {"account", "project"}  # keys of which the file has the name as well


def odd_sandbox() -> Sandbox:
    odd = [spec.odd_sandbox(now=now) for spec in PROVIDERS.values() if spec.odd_sandbox]
    return create_sandbox(*(spec.sandbox(now=now) for spec in PROVIDERS.values()), *odd)


async def graph_rows(console: Console, keys: list[str]) -> list[dict[str, Any]]:
    arguments = "groupBy: $keys, filterBy: $filter"
    query = f"query ($keys: [SpendKey!]!, $filter: InvoiceFilter) {{ spend({arguments}) {{ rows {{ {FIELDS} }} }} }}"
    data = await console.service.data(query, {"keys": keys, "filter": PERIOD})
    rows: list[dict[str, Any]] = data["spend"]["rows"]
    return rows


def written(row: dict[str, Any]) -> str:
    """What the page shows as the amount of a row of the graph."""
    billed = row["billed"]
    return f"{row['currency']} {format_amount(Decimal(billed['amount']))}" if billed else "not stated"


def in_file(row: dict[str, Any], columns: list[str]) -> list[object]:
    """A row of the graph in the form of the file, with amounts as numbers."""

    def cell(name: str) -> object:
        if name in AMOUNTS:
            return Decimal(row[name]["amount"]) if row[name] else ""
        if name.removesuffix("Name") in NAMED and name.endswith("Name"):
            value = (row[name.removesuffix("Name")] or {}).get("name")
        else:
            value = row[name]["id"] if isinstance(row[name], dict) else row[name]
        return str(value) if value is not None else ""

    return [cell(name) for name in columns]


def read_file(path: Path) -> tuple[list[str], list[list[str]]]:
    header, *rows = csv.reader(path.read_text().splitlines())
    return header, rows


async def table_file(console: Console, path: Path) -> tuple[list[str], list[list[str]]]:
    async with console.page.expect_download() as download:
        await console.page.get_by_role("button", name="This table as CSV").click()
    await (await download.value).save_as(path)
    return read_file(path)


async def test_rows_of_any_two_keys_are_those_of_the_graph(tmp_path: Path) -> None:
    async with open_console("spend", sandbox=odd_sandbox()) as console:
        for first, second in (("PRODUCT", "PROVIDER"), ("PROJECT", "MONTH"), ("CATEGORY", "REGION"), ("ACCOUNT", "")):
            keys = [key for key in (first, second) if key]
            await console.open(f"spend?by={first}&then={second}")
            await loaded(console.page)
            rows = await graph_rows(console, keys)

            header, lines = await table_file(console, tmp_path / "file.csv")
            amounts = [header.index(name) for name in AMOUNTS]
            shown = [
                [Decimal(cell) if place in amounts and cell else cell for place, cell in enumerate(line)]
                for line in lines
            ]
            assert shown == [in_file(row, header) for row in rows]
            assert header[-8:] == [*AMOUNTS, *COUNTS]

            if len(rows) > 100:
                await console.page.get_by_role("button", name=f"Show all {len(rows)} rows").click()
            table = console.page.get_by_role("table").last
            head = await table.get_by_role("columnheader").all_inner_texts()
            assert sorted(row[head.index("Billed")] for row in await cells(table)) == sorted(map(written, rows))
        console.visit.assert_clean()


async def test_projects_of_one_name_are_told_apart_by_their_account() -> None:
    async with open_console("spend?by=PROJECT", sandbox=odd_sandbox()) as console:
        await loaded(console.page)
        names = [row[0] for row in await cells(console.page.get_by_role("table").last)]

        assert {"checkout (Palette (sandbox))", "checkout (Palette with discrepancies (sandbox))"} <= set(names)
        assert "not split by project" in names


async def test_totals_are_those_of_the_graph() -> None:
    async with open_console("spend?by=PROVIDER&then=CATEGORY") as console:
        await loaded(console.page)
        query = "query ($filter: InvoiceFilter) { spend(filterBy: $filter) { totals { currency billed { amount } } } }"
        totals = (await console.service.data(query, {"filter": PERIOD}))["spend"]["totals"]

        expected = [written(row) for row in totals if row["currency"]]
        shown = console.page.locator("tfoot td[data-label=Billed] .amount")
        assert await shown.all_inner_texts() == expected


async def test_bars_have_the_sums_of_the_table() -> None:
    async with open_console("spend") as console:
        await loaded(console.page)
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in await graph_rows(console, ["PRODUCT", "PROVIDER"]):
            if row["currency"] == "USD":
                sums[row["product"] or "Not stated"] += Decimal(row["billed"]["amount"])
        ranked = sorted(sums.items(), key=lambda item: -item[1])
        chart = console.page.get_by_role("figure", name="Spend by product and provider in USD")
        bars = chart.locator("ol").get_by_role("listitem")
        await expect(bars).to_have_count(10)
        await chart.get_by_role("button", name=f"Show all {len(ranked)}").click()

        assert [(await bar.locator("> span").all_inner_texts())[:2] for bar in await bars.all()] == [
            [name, f"USD {format_amount(amount)}"] for name, amount in ranked
        ]


async def test_grouping_and_order_are_in_the_address_and_the_history() -> None:
    async with open_console("spend") as console:
        page = console.page
        await page.get_by_role("combobox", name="Group by").select_option("Region")
        await expect(page).to_have_url(re.compile(r"spend\?by=REGION&then=PROVIDER$"))
        await expect(console.section("Spend by region and provider")).to_be_visible()
        await page.get_by_role("combobox", name="Group by").select_option("Project")
        options = await page.get_by_role("combobox", name="Then by").get_by_role("option").all_inner_texts()
        assert options == ["Nothing else", "Month", "Provider", "Account", "Product"]
        await page.get_by_role("combobox", name="Then by").select_option("Month")
        await expect(page.get_by_role("figure", name="Spend by project and month in USD")).to_be_visible()
        await page.get_by_role("columnheader", name="Billed").get_by_role("button").press("Enter")
        await expect(page).to_have_url(re.compile(r"spend\?by=PROJECT&sort=-?billed&then=MONTH$"))
        await page.reload()
        await expect(page.get_by_role("columnheader", name="Billed")).to_have_attribute(
            "aria-sort", re.compile("ending")
        )
        await page.go_back()
        await page.go_back()
        await expect(console.section("Spend by project and provider")).to_be_visible()
        console.visit.assert_clean()


async def test_rows_lead_to_their_invoices_if_the_list_has_such_filters() -> None:
    async with open_console("spend?by=MONTH&then=PROVIDER") as console:
        await console.rows.filter(has_text="May 2026").filter(has_text="EUR").get_by_role("link").press("Enter")
        await expect(console.page).to_have_url(
            re.compile(r"invoices\?from=2026-05-01&period=custom&providers=fastly&to=2026-05-31$")
        )
        await expect(console.rows).to_have_count(1)
        await console.open("spend?by=REGION")
        await expect(console.rows.first).to_be_visible()
        await expect(console.rows.get_by_role("link")).to_have_count(0)


async def test_lines_in_the_file_are_those_of_the_chosen_accounts(tmp_path: Path) -> None:
    async with open_console("spend?period=custom&from=2026-10-01&to=2026-10-31") as console:
        await console.choose("Provider", "Fastly")
        await expect(console.page).to_have_url(re.compile("providers=fastly"))
        await loaded(console.page)
        async with console.page.expect_download() as download:
            await console.page.get_by_role("button", name="Line items as CSV").click()
        await (await download.value).save_as(tmp_path / "file.csv")
        lines = list(csv.DictReader((tmp_path / "file.csv").read_text().splitlines()))

        assert {line["account"] for line in lines} == {"fastly/sandbox-fastly"}
        assert sum(Decimal(line["cost"]) for line in lines) == Decimal("6581.05")
        await expect(console.page.locator("tfoot")).to_contain_text("USD 6,581.05")


async def test_texts_that_a_spreadsheet_would_run_are_guarded(tmp_path: Path) -> None:
    async def change(route: Route) -> None:
        response = await route.fetch()
        text = (await response.text()).replace("Gold Support", '=HYPERLINK(\\"x\\"), 1')
        await route.fulfill(response=response, body=text)

    async with open_console("accounts") as console:
        await console.page.route("**/graphql", change)
        await console.open("spend?by=PRODUCT")
        await loaded(console.page)
        header, rows = await table_file(console, tmp_path / "file.csv")

        assert {row[0] for row in rows if "HYPERLINK" in row[0]} == {'\'=HYPERLINK("x"), 1'}
        assert "-951.71" in [row[header.index("billed")] for row in rows]


async def test_incomplete_table_says_so() -> None:
    async with open_console("accounts", NO_CACHE_NO_RETRY) as console:
        fastly = console.service.control("fastly")
        fastly.faults.append(Fault(kind="delay", seconds=3))
        await console.open("spend")
        await expect(console.page.locator("tfoot")).to_contain_text("USD 40,397.94")
        assert fastly.in_flight > 0
        await expect(console.page.get_by_text("Still reading Fastly (sandbox): not in the sums yet.")).to_be_visible()
        await expect(console.page.get_by_role("button", name="This table as CSV")).to_be_disabled()

        await expect(console.page.locator("tfoot")).to_contain_text("USD 107,474.42")
        fastly.faults[:] = [Fault(kind="status", status=503)]
        await console.page.reload()
        await expect(console.page.get_by_text("Fastly (sandbox) is missing.")).to_be_visible()
        async with console.page.expect_download() as download:
            await console.page.get_by_role("button", name="This table as CSV, incomplete").click()
        assert (
            await download.value
        ).suggested_filename == "spend_product_provider_2025-11-01_2026-11-30_incomplete.csv"


async def test_filter_without_a_match_and_period_without_invoices_differ() -> None:
    async with open_console("spend?period=month&providers=archera") as console:
        await expect(console.page.get_by_text("No posted invoices in this period match these filters.")).to_be_visible()
        await console.page.get_by_role("button", name="Clear filters").click()
        await expect(console.page.get_by_text("There are no posted invoices in this period.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(scheme: Any) -> None:
    async with open_console("spend?by=PROVIDER&then=CATEGORY", color_scheme=scheme) as console:
        await loaded(console.page)
        assert await violations(console.page) == []
        await console.open("spend?by=PROJECT&period=3m")
        await loaded(console.page)
        assert await violations(console.page) == []
