"""examples/web by keyboard, in a dark color scheme and on a narrow screen."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser import needs_browser

from .web import open_example

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

FOCUSED = "() => document.activeElement.closest('label')?.innerText.split('\\n')[0] ?? document.activeElement.innerText"
OUTLINE = "() => getComputedStyle(document.activeElement).outlineStyle"
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"


async def tab_stops(page: Page, number: int) -> list[str]:
    """The names of the elements that get the focus by Tab, in order. The parts of a date count as one."""
    names: list[str] = []
    while len(names) < number:
        await page.keyboard.press("Tab")
        assert await page.evaluate(OUTLINE) != "none"
        name = await page.evaluate(FOCUSED)
        if name not in names[-1:]:
            names.append(name)
    return names


async def test_keyboard_reaches_everything_in_page_order() -> None:
    async with open_example("/?payment=PAID") as example:
        page = example.page
        await expect(example.rows).to_have_count(20)
        filters = ["Search", "Account", "Payment", "Currency", "Period from", "Period to", "Clear"]
        assert await tab_stops(page, 9) == ["Skip to the invoices", *filters, "The numbers as a table"]

        await page.keyboard.press("Tab")
        await expect(example.rows.first).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(example.details).to_be_visible()
        await expect(example.details.get_by_role("button", name="Close")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(example.details).to_have_count(0)
        await expect(example.rows.first).to_be_focused()
        await expect(page).not_to_have_url(re.compile("invoice="))
        example.visit.assert_clean()


async def test_first_tab_stop_skips_to_the_invoices() -> None:
    async with open_example() as example:
        await expect(example.rows).to_have_count(20)
        await example.page.keyboard.press("Tab")
        await example.page.keyboard.press("Enter")
        await example.page.keyboard.press("Tab")

        await expect(example.rows.first).to_be_focused()


async def test_page_has_landmarks_and_headings() -> None:
    async with open_example() as example:
        page = example.page
        await expect(example.rows).to_have_count(20)
        for landmark in ("banner", "main", "search"):
            await expect(page.locator(f"role={landmark}")).to_have_count(1)
        for name in ("Accounts", "Totals by month", "Invoices"):
            await expect(page.get_by_role("region", name=name).get_by_role("heading", name=name)).to_have_count(1)


async def test_back_button_closes_the_details() -> None:
    async with open_example() as example:
        await example.rows.first.click()
        await expect(example.details).to_be_visible()
        await example.page.go_back()

        await expect(example.details).to_have_count(0)


async def test_page_follows_the_color_scheme() -> None:
    async with open_example() as example:
        backgrounds = set()
        screenshots = set()
        for scheme in ("light", "dark"):
            await example.page.emulate_media(color_scheme=scheme)
            await expect(example.rows).to_have_count(20)
            backgrounds.add(await example.page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
            screenshots.add(await example.page.screenshot())
        assert len(backgrounds) == len(screenshots) == 2


@pytest.mark.parametrize("width", [320, 768])
async def test_narrow_screen_needs_no_horizontal_scrolling(width: int) -> None:
    async with open_example(viewport={"width": width, "height": 700}) as example:
        await expect(example.page.get_by_text("108 invoices.")).to_be_visible()
        content, available = await example.page.evaluate(WIDTHS)
        assert content <= available

        await example.rows.filter(has_text="Palette").first.click()
        await expect(example.details.get_by_role("region", name="Projects")).to_be_visible()
        content, available = await example.details.evaluate("(dialog) => [dialog.scrollWidth, dialog.clientWidth]")
        assert content <= available


async def test_narrow_screen_has_filters_behind_a_button() -> None:
    async with open_example(viewport={"width": 375, "height": 700}) as example:
        await expect(example.page.get_by_role("combobox", name="Account")).to_be_hidden()
        await example.page.get_by_role("button", name="Filters").click()
        await example.page.get_by_role("combobox", name="Account").select_option("Fastly (sandbox)")

        await expect(example.page.get_by_text("36 invoices.")).to_be_visible()
        await expect(example.page.get_by_role("button", name="Filters (1)")).to_be_visible()
