"""The figures, the order and the filters of the list of invoices, compared with the graph."""

import re
from decimal import Decimal
from typing import Any

import pytest
from playwright.async_api import expect

from providers.sandbox import Fault
from tests.browser import needs_browser
from tests.views.callers import ARCHERA

from .checks import PAGE_WIDTHS, violations
from .console import Console, open_console
from .test_invoices import scroll_to_the_end
from .test_invoices_accounts import shown_ids

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

LIST = """query($filter: InvoiceFilter, $order: InvoiceOrder!) {
  invoices(first: 200, filterBy: $filter, orderBy: $order) {
    nodes { id total { amount currency } linesTotal { sum { amount currency } lines unpriced } }
    totals { sums { amount currency } invoices withoutTotal }
  } }"""
ID_AND_TOTAL = """rows => Object.fromEntries(rows.map(row =>
  [new URLSearchParams(row.querySelector('a').search).get('id'), row.lastElementChild.innerText]))"""


async def graph(console: Console, order: str = "NEWEST_FIRST", **filter_by: Any) -> Any:
    variables = {"filter": filter_by, "order": order}
    return (await console.service.data(LIST, variables))["invoices"]


def written(money: dict[str, str]) -> str:
    amount = Decimal(money["amount"])
    digits = max(2, -int(amount.as_tuple().exponent))
    return f"{money['currency']} {amount:,.{digits}f}"


def total_of(invoice: dict[str, Any]) -> str:
    """The text of the column "Total"."""
    if invoice["total"]:
        return written(invoice["total"])
    lines = invoice["linesTotal"]
    if lines is None:
        return "not stated\nno lines either"
    added = f"{lines['lines'] - lines['unpriced']} of {lines['lines']}" if lines["unpriced"] else "the"
    return f"{written(lines['sum'])}\nsum of {added} lines"


async def test_every_row_and_sum_equals_the_graph_in_both_orders() -> None:
    async with open_console("invoices?period=all") as console:
        expected = await graph(console)
        await scroll_to_the_end(console)
        assert await shown_ids(console) == [node["id"] for node in expected["nodes"]]
        await expect(console.page.get_by_text("reading the lines")).to_have_count(0)
        shown = {
            key: re.sub(r"\s*\n\s*", "\n", text)
            for key, text in (await console.rows.evaluate_all(ID_AND_TOTAL)).items()
        }
        assert shown == {node["id"]: total_of(node) for node in expected["nodes"]}

        totals = expected["totals"]
        line = console.page.locator(".totals")
        await expect(line).to_contain_text(f"{totals['invoices']} invoices")
        await expect(line.locator(".amount")).to_have_text([written(money) for money in totals["sums"]])
        await expect(line).to_contain_text(f"{totals['withoutTotal']} without a stated total, in no sum")

        await console.page.get_by_role("button", name="Period").click()
        await expect(console.page).to_have_url(re.compile("order=OLDEST_FIRST"))
        await expect(console.page.get_by_role("columnheader", name="Period")).to_have_attribute(
            "aria-sort", "ascending"
        )
        oldest = (await graph(console, "OLDEST_FIRST"))["nodes"]
        await expect(console.rows.first.get_by_role("link")).to_have_attribute("href", re.compile(oldest[0]["id"][-7:]))
        assert (await shown_ids(console))[:50] == [node["id"] for node in oldest[:50]]
        console.visit.assert_clean()


async def test_amounts_are_filtered_by_keyboard_and_the_way_back_restores_them() -> None:
    async with open_console("invoices?period=all") as console:
        keyboard = console.page.keyboard
        await expect(console.rows).to_have_count(50)
        await console.page.get_by_role("button", name="Currency and total").focus()
        await keyboard.press("Enter")  # the focus moves to EUR, the first of the currencies
        await expect(console.page.get_by_label("At least")).to_be_disabled()
        await keyboard.press("Space")
        await keyboard.press("Tab")
        await keyboard.press("Tab")
        await keyboard.type("5900.50")
        await keyboard.press("Enter")

        await expect(console.page).to_have_url(re.compile(r"currency=EUR&period=all&totalMin=5900\.50$"))
        await expect(console.page.get_by_role("button", name="Currency and total")).to_be_focused()
        await expect(console.page.get_by_role("button", name="Currency and total")).to_contain_text("EUR from 5,900.50")
        expected = (await graph(console, currency=["EUR"], totalMin="5900.50"))["nodes"]
        assert 0 < len(expected) < 6
        await expect(console.rows).to_have_count(len(expected))
        assert await shown_ids(console) == [node["id"] for node in expected]
        async with console.page.expect_request(re.compile("export/")) as export:
            await console.page.get_by_role("button", name="Export line items").click()
        assert "lines.csv?currency=EUR&totalMin=5900.50" in (await export.value).url

        await console.page.go_back()
        await expect(console.rows).to_have_count(50)
        await expect(console.page.get_by_role("button", name="Currency and total")).to_contain_text("All")


async def test_sums_of_lines_that_could_not_be_read_are_said() -> None:
    async with open_console("accounts") as console:
        console.service.control("archera").faults.append(Fault(kind="status", status=503, path="2026/10/line-items"))
        await console.open(f"invoices?accounts={ARCHERA}")

        await expect(console.rows.first).to_contain_text("lines could not be read")
        await expect(console.rows.nth(1)).to_contain_text("sum of 7 of 8 lines")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_list_is_accessible_and_its_panels_fit(scheme: Any) -> None:
    async with open_console("invoices?period=all&currency=EUR", color_scheme=scheme) as console:
        page = console.page
        await expect(console.rows).to_have_count(6)
        for width in (1280, 360):
            await page.set_viewport_size({"width": width, "height": 740})
            if width < 720:
                await page.get_by_role("button", name="Filters").click()
            for name in ("Provider", "Payment", "Currency and total"):
                await page.get_by_role("button", name=name).click()
                box = await page.locator(".options").bounding_box()
                assert box is not None
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= width
                content, available = await page.evaluate(PAGE_WIDTHS)
                assert (width, name, content) == (width, name, min(content, available))
                await page.keyboard.press("Escape")
            await page.get_by_role("button", name="Currency and total").click()
            assert await violations(page) == []
            await page.keyboard.press("Escape")
