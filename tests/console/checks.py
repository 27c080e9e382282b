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


async def violations(page: Page, scheme: Any = None) -> list[Any]:
    """The rules of axe that the loaded page breaks, each with its elements. In "dark" only those of colours are tested.

    Without a scheme the page keeps its own, and all rules are tested.
    """
    await loaded(page)
    if scheme is not None:
        await page.emulate_media(color_scheme=scheme)
    await page.evaluate(AXE.read_text())  # not a script element, which the policy of the page forbids
    rules = {"runOnly": ["color-contrast", "link-in-text-block"]} if scheme == "dark" else {}
    found = await page.evaluate("(options) => axe.run(options)", rules | {"resultTypes": ["violations"]})
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]]


async def sign_in(console: Console, key: str) -> None:
    await console.page.get_by_label("API key or token").fill(key)
    await console.page.get_by_role("button", name="Sign in").click()
