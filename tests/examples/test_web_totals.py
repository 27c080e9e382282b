"""The chart of examples/web in a browser: exact sums, one series per currency, no bar without a total."""

import re
from collections import defaultdict
from decimal import Decimal

import pytest
from playwright.async_api import expect

from providers.sandbox import Fault
from tests.browser import needs_browser
from tests.harness import Service

from .web import Example, open_example

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

Sums = dict[str, dict[str, Decimal]]  # by currency, then by month


async def sums(service: Service) -> Sums:
    data = await service.data("{ invoices(first: 200) { nodes { period { start } total { amount currency } } } }")
    totals: Sums = defaultdict(lambda: defaultdict(Decimal))
    for node in data["invoices"]["nodes"]:
        if total := node["total"]:
            totals[total["currency"]][node["period"]["start"][:7]] += Decimal(total["amount"])
    return totals


def format_amount(amount: Decimal) -> str:
    return f"{amount.normalize():,f}"


async def table(example: Example) -> list[list[str]]:
    """The cells of the chart's table, row by row."""
    await example.page.get_by_text("The numbers as a table").click()
    rows = await example.page.get_by_role("row").all()
    return [await row.locator("th, td").all_inner_texts() for row in rows]


async def test_monthly_sums_are_exact() -> None:
    async with open_example() as example:
        await expect(example.page.get_by_text("108 invoices.")).to_be_visible()
        head, *months = await table(example)
        expected = await sums(example.service)

        assert head == ["Month", "USD", "EUR", "No total stated"]
        assert len(months) == 36
        for column, currency in enumerate(("USD", "EUR"), 1):
            shown = [month[column] for month in months if month[column] != "none"]
            assert shown == [format_amount(amount) for _, amount in sorted(expected[currency].items())]
            currency_total = sum(expected[currency].values(), Decimal())
            await expect(example.page.get_by_role("figure").filter(has_text=currency)).to_contain_text(
                format_amount(currency_total)
            )
        assert sum(int(month[3] or 0) for month in months) == 39
        example.visit.assert_clean()


async def test_bar_heights_are_proportional_to_totals() -> None:
    async with open_example() as example:
        await expect(example.page.get_by_text("108 invoices.")).to_be_visible()
        expected = await sums(example.service)
        for currency, months in expected.items():
            bars = example.page.get_by_role("img", name=f"Totals by month in {currency}").locator(".bar")
            heights = [float(await bar.get_attribute("height") or 0) for bar in await bars.all()]
            amounts = [amount for _, amount in sorted(months.items())]
            assert len(heights) == len(months)
            scale = heights[0] / float(amounts[0])
            assert heights == pytest.approx([float(amount) * scale for amount in amounts], abs=0.1)


async def test_chart_has_the_months_of_the_period() -> None:
    async with open_example("/?from=2026-01-01&to=2026-06-30") as example:
        await expect(example.page.get_by_text("18 invoices.")).to_be_visible()
        _, *months = await table(example)

        assert [month[0] for month in months] == [
            f"{name} 2026" for name in ("January", "February", "March", "April", "May", "June")
        ]


async def test_sums_name_a_missing_account() -> None:
    async with open_example("/?from=2030-01-01") as example:
        example.service.control("fastly").faults.append(Fault(kind="status", status=503))
        await example.page.get_by_label("Period from").fill("2023-11-01")

        await expect(example.page.get_by_role("status").filter(has_text="invoices.")).to_have_text(
            re.compile("72 invoices.*Fastly .sandbox. is missing")
        )
