"""The list of examples/web in a real browser: scrolling, filters, search, and the details of an invoice."""

import re

import pytest
from playwright.async_api import expect

from providers.sandbox import Fault
from tests.browser import needs_browser

from .web import Example, open_example

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

ALL = "{ invoices(first: 200) { nodes { id account { name } number } } }"


async def scroll_to_the_end(example: Example) -> None:
    end = example.page.get_by_text("End of the list.")
    while not await end.is_visible():
        await example.page.mouse.wheel(0, 3000)
        await example.page.wait_for_timeout(50)


async def test_scrolling_shows_every_invoice_once() -> None:
    async with open_example() as example:
        await expect(example.rows).to_have_count(20)
        await scroll_to_the_end(example)

        await expect(example.rows).to_have_count(108)
        assert len(set(await example.rows.all_inner_texts())) == 108
        example.visit.assert_clean()


async def test_filters_narrow_the_list_and_are_in_the_url() -> None:
    async with open_example() as example:
        page, rows = example.page, example.rows
        await page.get_by_role("combobox", name="Account").select_option("Fastly (sandbox)")
        await expect(page.get_by_text("36 invoices.")).to_be_visible()
        await page.get_by_label("Currency").select_option("EUR")
        await expect(rows).to_have_count(6)
        await page.get_by_label("Payment").select_option("Paid")
        await expect(rows).to_have_count(5)
        await page.get_by_label("Period from").fill("2025-01-01")
        await page.get_by_label("Period to").fill("2025-12-31")
        await expect(rows).to_have_count(3)

        await page.reload()
        await expect(rows).to_have_count(3)
        await page.get_by_role("button", name="Clear").click()
        await expect(page.get_by_text("108 invoices.")).to_be_visible()
        await expect(page).to_have_url(f"{example.url}/")
        example.visit.assert_clean()


async def test_search_finds_an_invoice_by_number() -> None:
    async with open_example() as example:
        await example.page.get_by_label("Search").press_sequentially("INV-321156")

        await expect(example.rows).to_have_count(1)
        await expect(example.rows).to_contain_text("INV-321156")
        await expect(example.page.get_by_label("Search")).to_be_focused()


async def test_empty_list_has_a_message() -> None:
    async with open_example("/?search=nowhere") as example:
        await expect(example.page.get_by_text("No invoice matches these filters.")).to_be_visible()


async def test_missing_total_is_neither_zero_nor_unpaid() -> None:
    async with open_example("/?account=archera/sandbox-archera") as example:
        await expect(example.rows.first).to_have_text(re.compile("October 2026.*Not tracked.*not stated"))
        await expect(
            example.page.get_by_text("36 invoices. 36 without a stated total: not in the sums.")
        ).to_be_visible()
        await expect(example.page.locator("figure")).to_have_count(0)


async def test_sandbox_accounts_are_marked() -> None:
    async with open_example() as example:
        await expect(example.rows.filter(has_text="simulated")).to_have_count(20)


async def test_details_show_the_payment_history() -> None:
    async with open_example() as example:
        await example.rows.filter(has_text="September 2026").filter(has_text="Palette").click()

        steps = example.details.get_by_role("region", name="Payment").get_by_role("listitem")
        words = ["Pending", "InProgress", "Failed", "InProgress", "Failed", "InProgress"]
        await expect(steps).to_contain_text([*(f"Payment{word}" for word in words), "Paid"])
        await expect(steps.nth(2)).to_contain_text("Your card has insufficient funds.")
        await expect(steps.nth(2)).to_contain_text("2 Oct 2026, 14:19 UTC")
        example.visit.assert_clean()


async def test_details_load_parts_when_opened() -> None:
    async with open_example() as example:
        await expect(example.rows).to_have_count(20)
        example.service.reset_calls()
        await example.rows.filter(has_text="Archera").first.click()

        await expect(example.details.get_by_role("region", name="Line items").get_by_role("listitem")).to_have_count(8)
        assert [path.rpartition("/")[2] for path in example.service.calls("archera")] == ["10", "line-items"]
        await example.page.keyboard.press("Escape")
        await example.rows.filter(has_text="Palette").first.click()
        projects = example.details.get_by_role("region", name="Projects").get_by_role("listitem")
        await expect(projects).to_contain_text(["checkout", "storefront", "ml-training", "edge-stores", "not named"])
        await expect(projects.first).to_contain_text("USD 686.9")
        credits = example.details.get_by_role("region", name="Credits").get_by_role("listitem")
        await expect(credits.first).to_contain_text("25,000 core-hours")


async def test_details_open_from_their_url() -> None:
    async with open_example("/?invoice=fastly/sandbox-fastly/invoice/INV-321156") as example:
        await expect(example.details.get_by_role("heading", name="October 2026")).to_be_visible()
        await example.page.goto(f"{example.url}/?invoice=fastly/sandbox-fastly/invoice/INV-0")
        await expect(example.details).to_contain_text("This invoice does not exist.")


async def test_failed_line_items_can_be_retried() -> None:
    async with open_example() as example:
        await expect(example.rows).to_have_count(20)
        faults = example.service.control("archera").faults
        faults.append(Fault(kind="status", status=503))
        await example.rows.filter(has_text="Archera").first.click()

        lines = example.details.get_by_role("region", name="Line items")
        await expect(lines).to_contain_text("The line items could not be loaded.")
        await expect(lines).to_contain_text("UNAVAILABLE")
        await expect(example.details.get_by_role("heading", name="October 2026")).to_be_visible()
        faults.clear()
        await lines.get_by_role("button", name="Try again").click()
        await expect(lines.get_by_role("listitem")).to_have_count(8)
        example.visit.assert_clean()
