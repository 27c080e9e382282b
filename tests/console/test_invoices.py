"""The list of invoices: scrolling, filters in the address, search, and the page of an invoice."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from providers.sandbox import Fault
from tests.browser import needs_browser
from tests.views.callers import ARCHERA

from .console import Console, open_console

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]


async def scroll_to_the_end(console: Console) -> None:
    end = console.page.get_by_text("End of the list.")
    for _ in range(200):
        if await end.is_visible():
            return
        await console.page.mouse.wheel(0, 3000)
        await console.page.wait_for_timeout(50)
    await expect(end).to_be_visible()


async def test_scrolling_shows_every_invoice_once() -> None:
    async with open_console("invoices?period=all") as console:
        await expect(console.rows.nth(49)).to_be_visible()
        await scroll_to_the_end(console)

        await expect(console.rows).to_have_count(108)
        assert len(set(await console.rows.all_inner_texts())) == 108
        console.visit.assert_clean()


async def test_filters_narrow_the_list_and_the_back_button_restores_them() -> None:
    async with open_console("invoices?period=all&currency=EUR") as console:
        page, rows = console.page, console.rows
        await expect(rows).to_have_count(6)
        await console.choose("Payment", "Paid")
        await expect(rows).to_have_count(5)
        await page.get_by_role("combobox", name="Period").select_option("Custom")
        await page.get_by_label("From").fill("2025-01-01")
        await page.get_by_label("To", exact=True).fill("2025-12-31")
        await expect(rows).to_have_count(3)
        await page.reload()
        await expect(rows).to_have_count(3)

        for _ in range(3):
            await page.go_back()
        await expect(rows).to_have_count(5)
        await page.go_back()
        await expect(rows).to_have_count(6)
        await expect(page).to_have_url(f"{console.url}invoices?period=all&currency=EUR")
        await page.get_by_role("button", name="Clear").click()
        await expect(page).to_have_url(f"{console.url}invoices?period=all")
        console.visit.assert_clean()


async def test_search_finds_an_invoice_by_number() -> None:
    async with open_console("invoices") as console:
        await console.page.get_by_label("Search").press_sequentially("INV-321156")

        await expect(console.rows).to_have_count(1)
        await expect(console.rows).to_contain_text("INV-321156")
        await expect(console.page.get_by_label("Search")).to_be_focused()


async def test_list_without_a_match_offers_to_clear_the_filters() -> None:
    async with open_console("invoices?search=nowhere") as console:
        await expect(console.page.get_by_text("No invoices match these filters.")).to_be_visible()
        await console.page.get_by_role("button", name="Clear filters").click()
        await expect(console.rows).to_have_count(36)


async def test_missing_total_is_the_labelled_sum_of_the_lines() -> None:
    async with open_console("invoices?accounts=archera/sandbox-archera") as console:
        await expect(console.rows.first).to_have_text(
            re.compile("October 2026.*Not tracked.*USD 290.44sum of 7 of 8 lines")
        )


async def test_row_leads_to_the_page_of_the_invoice_and_back() -> None:
    async with open_console("invoices?currency=USD") as console:
        await console.rows.filter(has_text="INV-321156").get_by_role("link").press("Enter")
        await expect(console.title).to_have_text("Fastly, October 2026")
        await expect(console.title).to_be_focused()
        await expect(console.page).to_have_url(re.compile("/invoice\\?id="))
        await console.page.go_back()
        await expect(console.title).to_have_text("Invoices")
        await expect(console.page).to_have_url(f"{console.url}invoices?currency=USD")
        console.visit.assert_clean()


async def test_export_has_exactly_the_filtered_invoices(tmp_path: Path) -> None:
    async with open_console("invoices?period=all&currency=EUR&paymentStatus=PAID") as console:
        await expect(console.rows).to_have_count(5)
        async with console.page.expect_download() as download:
            await console.page.get_by_role("button", name="Export CSV").click()
        file = await download.value
        await file.save_as(tmp_path / "file.csv")

        assert file.suggested_filename.startswith("invoices_")
        header, *lines = (tmp_path / "file.csv").read_text().splitlines()
        assert header.startswith("provider,")
        assert len(lines) == 5
        assert all(",PAID," in line and ",EUR," in line for line in lines)
        console.visit.assert_clean()


async def test_invoice_shows_its_payment_history() -> None:
    async with open_console("invoices") as console:
        await console.rows.filter(has_text="September 2026").filter(has_text="Palette").get_by_role("link").click()

        steps = console.page.get_by_role("region", name="Payment").get_by_role("listitem")
        words = ["Pending", "InProgress", "Failed", "InProgress", "Failed", "InProgress"]
        await expect(steps).to_contain_text([*(f"Payment{word}" for word in words), "Paid"])
        await expect(steps.nth(2)).to_contain_text("Your card has insufficient funds.")
        console.visit.assert_clean()


async def test_unknown_invoice_leads_to_the_list() -> None:
    async with open_console("invoice?id=fastly/sandbox-fastly/invoice/INV-0") as console:
        await expect(console.page.get_by_text("This invoice was not found.")).to_be_visible()
        await console.page.get_by_role("link", name="All invoices").click()
        await expect(console.rows).to_have_count(36)


async def test_failed_line_items_can_be_retried() -> None:
    async with open_console("accounts") as console:
        faults = console.service.control("archera").faults
        faults.append(Fault(kind="status", status=503, path="line-items"))
        await console.open(f"invoice?id={ARCHERA}/invoice/2026-10")

        lines = console.page.get_by_role("region", name="Line items")
        await expect(lines).to_contain_text("The line items could not be loaded.")
        await expect(lines).to_contain_text("UNAVAILABLE")
        await expect(console.title).to_have_text("Archera, October 2026")
        faults.clear()
        await lines.get_by_role("button", name="Try again").click()
        await expect(lines.locator("tbody").get_by_role("row")).to_have_count(8)
        console.visit.assert_clean()
