"""The chart of the overview: exact sums, stacked by provider, one chart per currency, the same numbers as a table."""

from collections import defaultdict
from decimal import Decimal

import pytest
from playwright.async_api import expect

from tests.browser import needs_browser
from tests.harness import Service

from .console import Console, format_amount, open_console

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

Sums = dict[str, dict[str, Decimal]]  # by currency, then by month
LINES = """{ invoices(first: 200) { nodes { period { start } lineItems(first: 200) {
    nodes { cost { amount currency } } } } } }"""


async def sums(service: Service) -> Sums:
    """Add up the lines of all invoices, without the service's own sums."""
    data = await service.data(LINES)
    totals: Sums = defaultdict(lambda: defaultdict(Decimal))
    for invoice in data["invoices"]["nodes"]:
        for line in (invoice["lineItems"] or {"nodes": []})["nodes"]:
            if cost := line["cost"]:
                totals[cost["currency"]][invoice["period"]["start"][:7]] += Decimal(cost["amount"])
    return totals


async def table(console: Console, currency: str) -> list[list[str]]:
    """The cells of a chart's table, row by row."""
    figure = console.page.get_by_role("figure", name=f"Spend by month in {currency}")
    await figure.get_by_role("button", name="Show as a table").click()
    rows = await figure.get_by_role("row").all()
    return [await row.locator("th, td").all_inner_texts() for row in rows]


async def test_monthly_totals_are_exact_sums_of_the_lines() -> None:
    async with open_console("?period=all") as console:
        await expect(console.page.get_by_role("figure")).to_have_count(2)
        expected = await sums(console.service)

        series = {
            "EUR": ["Fastly", "Total"],
            "USD": ["Archera", "Fastly", "Spectro Cloud Palette", "Total", "Not included"],
        }
        for currency, columns in series.items():
            head, *months = await table(console, currency)
            assert head == ["Month", *columns]
            assert len(months) == 36
            place = head.index("Total")
            shown = [month[place] for month in months if month[place] != "none"]
            assert shown == [format_amount(amount) for _, amount in sorted(expected[currency].items())]
        console.visit.assert_clean()


async def test_heights_of_bars_are_proportional_to_amounts() -> None:
    async with open_console("?period=all") as console:
        expected = (await sums(console.service))["EUR"]
        bars = console.page.get_by_role("img", name="Spend by month in EUR").locator(".bar")
        await expect(bars).to_have_count(len(expected))
        heights = [float(await bar.get_attribute("height") or 0) for bar in await bars.all()]
        amounts = [float(amount) for _, amount in sorted(expected.items())]

        scale = heights[0] / amounts[0]
        assert heights == pytest.approx([amount * scale for amount in amounts], abs=0.1)


async def test_chart_has_the_months_of_the_period() -> None:
    async with open_console("?period=custom&from=2026-01-01&to=2026-03-31") as console:
        _, *months = await table(console, "USD")

        assert [month[0] for month in months] == ["January 2026", "February 2026", "March 2026"]
