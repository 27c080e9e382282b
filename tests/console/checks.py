"""What tests of the console check on any page."""

from typing import Any

from playwright.async_api import Page, expect

from .console import CONSOLE, Console

AXE = CONSOLE / "node_modules/axe-core/axe.min.js"
# Of the content and of the window, in pixels.
PAGE_WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"


async def loaded(page: Page) -> None:
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.get_by_text("Loading")).to_have_count(0)
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)


async def violations(page: Page, options: str = "{}") -> list[Any]:
    """The rules of axe that the page breaks, each with its elements."""
    await page.evaluate(AXE.read_text())  # not a script element, which the policy of the page forbids
    found = await page.evaluate(f"axe.run({options})")
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]]


async def violations_of_both_schemes(page: Page) -> list[Any]:
    """All rules in light; in dark those of colours, because only colours differ."""
    await loaded(page)
    await page.emulate_media(color_scheme="dark")
    dark = await violations(page, "{ runOnly: ['color-contrast', 'link-in-text-block'] }")
    await page.emulate_media(color_scheme="light")
    return dark + await violations(page)


async def sign_in(console: Console, key: str) -> None:
    await console.page.get_by_label("API key or token").fill(key)
    await console.page.get_by_role("button", name="Sign in").click()
