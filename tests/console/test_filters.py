"""The panels of the filters: keyboard, focus, and their place on small screens; days of the address."""

import pytest
from playwright.async_api import expect

from tests.browser import needs_browser

from .console import open_console

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]


async def test_keyboard_opens_a_panel_chooses_and_returns_to_its_button() -> None:
    async with open_console("invoices?period=all&currency=EUR") as console:
        await expect(console.rows).to_have_count(6)
        button = console.page.get_by_role("button", name="Payment")
        panel = console.page.get_by_role("dialog", name="Payment")
        await button.press("Enter")
        await expect(panel.get_by_role("checkbox").first).to_be_focused()
        await panel.get_by_role("checkbox", name="Paid").press("Space")
        await expect(console.rows).to_have_count(5)
        await console.page.keyboard.press("Escape")

        await expect(panel).to_have_count(0)
        await expect(button).to_be_focused()
        await expect(button).to_have_attribute("aria-expanded", "false")
        console.visit.assert_clean()


async def test_click_elsewhere_closes_a_panel() -> None:
    async with open_console("invoices") as console:
        await console.page.get_by_role("button", name="Provider").click()
        await expect(console.page.get_by_role("dialog", name="Provider")).to_be_visible()
        await console.title.click()

        await expect(console.page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
async def test_panel_is_inside_a_small_window(direction: str) -> None:
    size = {"width": 360, "height": 420}
    async with open_console("invoices", viewport=size) as console:
        await console.page.evaluate("direction => { document.dir = direction }", direction)
        await console.page.get_by_role("button", name="Filters").click()
        for label in ("Provider", "Account", "Payment"):
            await console.page.get_by_role("button", name=label).click()
            panel = console.page.get_by_role("dialog", name=label)
            await expect(panel.get_by_role("checkbox").first).to_be_in_viewport()
            box = await panel.bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= size["width"]
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= size["height"]
            await console.page.keyboard.press("Escape")


async def test_day_that_does_not_exist_limits_nothing() -> None:
    async with open_console("invoices?currency=EUR&period=custom&from=2024-02-31&to=2025-12-31") as console:
        await expect(console.rows).to_have_count(5)
        await expect(console.page.get_by_label("From")).to_have_value("")
