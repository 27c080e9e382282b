"""The figures of the overview: sums by hand over what the providers state, and the same in the graph."""

import re
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from providers import PROVIDERS
from tests.browser import needs_browser
from tests.harness import Service, create_sandbox, now, sandbox_of

from .checks import loaded
from .console import DEFAULT_CACHING, Console, format_amount, open_console
from .wire import World, read_world

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

PERIOD = "2025-11", "2026-10"  # the months of the default period that have invoices
UNSETTLED = "paymentStatus=PENDING&paymentStatus=IN_PROGRESS&paymentStatus=FAILED&paymentStatus=UNRECOGNIZED"
MONTHS = {f"{date(year, month, 1):%B %Y}": f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13)}
GRAPH = """query ($months: InvoiceFilter, $last: InvoiceFilter, $unsettled: InvoiceFilter) {
    spend(groupBy: [MONTH, PROVIDER], filterBy: $months) {
        rows { month provider { name } currency billed { amount } } totals { currency billed { amount } unpriced } }
    last: spend(groupBy: [], filterBy: $last) { totals { currency billed { amount } } }
    monthToDate { nodes { total { amount } } }
    unsettled: invoices(first: 0, filterBy: $unsettled) { totals { sums { amount currency } invoices } } }"""
VARIABLES = {
    "months": {"periodFrom": "2025-11-01", "periodTo": "2026-11-30"},
    "last": {"periodFrom": "2026-10-01", "periodTo": "2026-10-31"},
    "unsettled": {"paymentStatus": ["PENDING", "IN_PROGRESS", "FAILED", "UNRECOGNIZED"]},
}


def tile(console: Console, label: str) -> Locator:
    return console.page.locator(".stat").filter(has=console.page.locator("dt", has_text=label))


async def figure(console: Console, label: str) -> str:
    return await tile(console, label).locator(".figure").inner_text()


async def cells(table: Locator) -> list[list[str]]:
    """The texts of a table without its header."""
    rows = await table.locator("tbody").get_by_role("row").all()
    return [await row.locator("th, td").all_inner_texts() for row in rows]


async def chart(console: Console, currency: str) -> dict[tuple[str, str, str], str]:
    """The amounts in a chart's table by currency, month and provider."""
    shown = console.page.get_by_role("figure", name=f"Spend by month in {currency}")
    await shown.get_by_role("button", name="Show as a table").click()
    head = await shown.get_by_role("columnheader").all_inner_texts()
    found = {}
    for month, *amounts in await cells(shown):
        for provider, amount in zip(head[1:], amounts, strict=True):
            if provider not in {"Total", "Not included"} and amount != "none":
                found[currency, MONTHS[month], provider] = amount
    return found


def in_period(world: World) -> dict[tuple[str, str, str], Decimal]:
    return {key: amount for key, amount in world.spend().items() if PERIOD[0] <= key[1] <= PERIOD[1]}


def by_currency(spend: dict[tuple[str, str, str], Decimal]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for (currency, _, _), amount in spend.items():
        sums[currency] += amount
    return dict(sums)


async def graph(service: Service) -> Any:
    return await service.data(GRAPH, VARIABLES)


async def test_every_figure_is_a_sum_of_the_bills_and_that_of_the_graph() -> None:
    async with open_console() as console:
        await loaded(console.page)
        world, said = await read_world(console.service), await graph(console.service)
        spend = in_period(world)

        totals = by_currency(spend)
        shown = await console.section("Spend by month").locator(".period-total .amount").all_inner_texts()
        assert shown == [f"USD {format_amount(totals['USD'])}", f"EUR {format_amount(totals['EUR'])}"]
        assert {
            row["currency"]: Decimal(row["billed"]["amount"]) for row in said["spend"]["totals"] if row["currency"]
        } == totals

        expected = {key: format_amount(amount) for key, amount in spend.items()}
        assert await chart(console, "USD") | await chart(console, "EUR") == expected
        rows = [row for row in said["spend"]["rows"] if row["currency"]]
        keys = [(row["currency"], row["month"][:7], row["provider"]["name"]) for row in rows]
        assert dict(zip(keys, (Decimal(row["billed"]["amount"]) for row in rows), strict=True)) == spend

        last = by_currency({key: amount for key, amount in spend.items() if key[1] == PERIOD[1]})["USD"]
        assert await figure(console, "October 2026") == f"USD {format_amount(last)}"
        assert [Decimal(row["billed"]["amount"]) for row in said["last"]["totals"] if row["currency"]] == [last]

        assert await figure(console, "This month to date") == f"USD {format_amount(world.month_to_date)}"
        assert [Decimal(node["total"]["amount"]) for node in said["monthToDate"]["nodes"]] == [world.month_to_date]

        count, unsettled = world.unsettled()
        assert await figure(console, "Not settled") == f"USD {format_amount(unsettled)}"
        await expect(tile(console, "Not settled")).to_contain_text(f"{count} invoices, of all months")
        sums = {"sums": [{"amount": str(unsettled), "currency": "USD"}], "invoices": count}
        assert said["unsettled"]["totals"] == sums
        console.visit.assert_clean()


async def test_credits_left_are_those_of_the_newest_bills() -> None:
    async with open_console() as console:
        await loaded(console.page)
        world = await read_world(console.service)

        expected = []
        for product in ("Alloy", "Pure"):
            count, left, expiring = world.credits(product)
            until = f"{expiring:,} core-hours from Dec 31, 2026"
            expected.append([product, str(count), f"{left:,} core-hours", until])
        assert await cells(console.section("Credits left")) == expected


async def test_changes_compare_whole_months_of_an_account_only() -> None:
    async with open_console() as console:
        await loaded(console.page)
        spend = (await read_world(console.service)).spend()
        months = {
            provider: [spend["USD", month, provider] for month in ("2026-09", "2026-10")] for _, _, provider in spend
        }

        archera, fastly, palette = await cells(console.section("What changed"))
        for row, provider in ((fastly, "Fastly"), (palette, "Spectro Cloud Palette")):
            before, after = months[provider]
            change = f"{after - before:+,.2f} ({(after - before) / before:+.1%})"
            assert row[1:] == [f"USD {before:,.2f}", f"USD {after:,.2f}", f"USD {change}"]
        assert archera[3] == (
            "Not compared. 1 amount is not stated in September 2026, 1 amount is not stated in October 2026."
        )
        text = "No change against September 2026 is shown: Archera (sandbox) cannot be compared."
        await expect(tile(console, "October 2026")).to_contain_text(text)
        await tile(console, "October 2026").get_by_role("link", name="Why").click()
        await expect(console.section("What changed")).to_be_in_viewport()


async def test_total_change_needs_every_account() -> None:
    async with open_console(sandbox=sandbox_of("fastly", "spectrocloud")) as console:
        await loaded(console.page)
        spend = in_period(await read_world(console.service))
        before, after = (
            sum(amount for key, amount in spend.items() if key[1] == month) for month in ("2026-09", "2026-10")
        )

        change = f"USD {after - before:+,.2f} ({(after - before) / before:+.1%}) against September 2026."
        await expect(tile(console, "October 2026")).to_contain_text(change)


async def test_months_in_different_currencies_are_not_compared() -> None:
    async with open_console("accounts") as console:
        await console.page.clock.set_fixed_time(datetime(2026, 6, 10, tzinfo=UTC))
        await console.open("?")
        await expect(tile(console, "May 2026").locator(".figure")).to_have_text(
            re.compile("EUR 5,931.20.*USD 3,001.64")
        )

        _, fastly, _ = await cells(console.section("What changed"))
        assert fastly[3] == "Not compared. Billed in USD in April 2026, in EUR in May 2026."


async def test_overdue_is_known_with_terms_of_payment() -> None:
    settings = DEFAULT_CACHING | {"net_days": 5, "due_from": "period_end"}
    async with open_console(settings=settings) as console:
        await loaded(console.page)
        count, unsettled = (await read_world(console.service)).unsettled()

        text = f"Overdue: USD {format_amount(unsettled)}, {count} invoices."
        await expect(tile(console, "Not settled")).to_contain_text(text)
        link = tile(console, "Not settled").get_by_role("link", name="Overdue")
        await expect(link).to_have_attribute("href", "invoices?overdue=true&period=all")


async def test_figures_lead_to_what_is_behind_them() -> None:
    async with open_console() as console:
        await loaded(console.page)
        links = {
            "This month to date": "invoice?id=fastly%2Fsandbox-fastly%2Finvoice%2Fmonth-to-date",
            "October 2026": "invoices?from=2026-10-01&period=custom&to=2026-10-31",
            "Not settled": f"invoices?{UNSETTLED}&period=all",
        }
        for label, href in links.items():
            link = tile(console, label).get_by_role("link", name=label)
            await expect(link).to_have_attribute("href", href)
        await tile(console, "Not settled").get_by_role("link", name="Not settled").press("Enter")
        await expect(console.title).to_have_text("Invoices")
        await expect(console.rows).to_have_count((await read_world(console.service)).unsettled()[0])


async def test_discrepancies_are_those_of_the_graph_and_lead_to_their_invoices() -> None:
    odd = [spec.odd_sandbox(now=now) for spec in PROVIDERS.values() if spec.odd_sandbox]
    sandbox = create_sandbox(*(spec.sandbox(now=now) for spec in PROVIDERS.values()), *odd)
    async with open_console(sandbox=sandbox) as console:
        await loaded(console.page)
        query = """query ($months: InvoiceFilter) { discrepancies(first: 200, filterBy: $months) { totalCount
            nodes { check { severity } } } }"""
        found = (await console.service.data(query, {"months": VARIABLES["months"]}))["discrepancies"]
        severities = [node["check"]["severity"] for node in found["nodes"]]
        assert len(severities) == found["totalCount"]

        assert await figure(console, "Does not add up") == f"{severities.count('ERROR')} errors"
        await expect(tile(console, "Does not add up")).to_contain_text(f"and {severities.count('WARNING')} warnings.")
        section = console.section("What does not add up")
        assert len(await cells(section)) == 5
        await section.get_by_role("button", name=f"Show all {len(severities)}").click()
        shown = await cells(section)
        assert [row[-1].upper() for row in shown] == severities
        assert ["The total is not the sum of the line items", "USD 6,831.15", "USD 6,581.05", "USD -250.10"] in [
            [row[0], *row[2:5]] for row in shown
        ]
        await section.get_by_role("link", name="The total is not the sum of the line items").press("Enter")
        await expect(console.page).to_have_url(re.compile(r"invoice\?id=fastly%2Fodd-fastly%2Finvoice%2FINV-321156"))
        console.visit.assert_clean()
