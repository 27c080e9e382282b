"""The frame of the console: navigation, titles, focus, the period, the state of accounts, and accessibility."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser import needs_browser, open_page
from tests.harness import running_service

from .checks import loaded
from .console import CONSOLE, PAGES, open_console

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

FIRST_LOAD = 180_000  # bytes of scripts and styles of the overview, compressed
FILES = """() => performance.getEntriesByType("resource").filter(({ name }) => name.includes("/console/"))
    .map(({ name, encodedBodySize }) => [name, encodedBodySize])"""
FOCUSED = "() => document.activeElement.innerText.trim().split('\\n')[0]"
OUTLINE = "() => getComputedStyle(document.activeElement).outlineStyle"


async def test_first_load_is_small() -> None:
    # Not with the clock of the other tests: it replaces the browser's record of what was loaded.
    async with running_service() as service, open_page(service.url) as visit:
        await expect(visit.page.get_by_role("figure").first).to_be_visible()
        files = await visit.page.evaluate(FILES)

        assert {Path(name).suffix for name, _ in files} == {".css", ".js"}
        assert 0 < sum(size for _, size in files) < FIRST_LOAD


async def test_first_load_has_no_query_of_another_page() -> None:
    # As above, without the clock.
    async with running_service() as service, open_page(service.url) as visit:
        await expect(visit.page.get_by_role("figure").first).to_be_visible()
        files = await visit.page.evaluate(FILES)
        scripts = "".join([await (await visit.page.request.get(name)).text() for name, _ in files])

    is_loaded = {
        name: bool(re.search(rf"operation:.query.,name:{{kind:.Name.,value:.{name}\b", scripts))
        for name in queries("**")
    }
    assert is_loaded["Accounts"]
    assert [name for name in queries("pages/*") - queries("pages/overview") if is_loaded[name]] == []


def queries(folders: str) -> set[str]:
    """The names of the queries in folders of the console's source."""
    files = (CONSOLE / "src").glob(f"{folders}/*.ts*")
    return {name for file in files for name in re.findall(r"graphql\(`\s*query (\w+)", file.read_text())}


async def test_every_entry_of_the_navigation_opens_its_page() -> None:
    async with open_console("accounts") as console:
        navigation = console.page.get_by_role("navigation", name="Pages")
        for path, title in PAGES.items():
            await navigation.get_by_role("link", name=title).click()
            await expect(console.title).to_have_text(title)
            await expect(console.title).to_be_focused()
            await expect(console.page).to_have_title(f"{title} · Invoicegraph")
            await expect(console.page).to_have_url(f"{console.url}{path}")
            await expect(navigation.locator("[aria-current=page]")).to_have_text(title)
            await loaded(console.page)
        console.visit.assert_clean()


async def test_unknown_address_leads_to_the_overview() -> None:
    async with open_console("nowhere") as console:
        await expect(console.page.get_by_role("main")).to_contain_text("This address has no page.")
        await console.page.get_by_role("link", name="Open the overview").click()
        await expect(console.title).to_have_text("Overview")


async def test_keyboard_reaches_the_pages_in_order() -> None:
    async with open_console() as console:
        await loaded(console.page)
        stops = []
        for _ in range(9):
            await console.page.keyboard.press("Tab")
            assert await console.page.evaluate(OUTLINE) != "none"
            stops.append(await console.page.evaluate(FOCUSED))
        assert stops == ["Skip to the content", "Invoicegraph", *PAGES.values(), "GraphiQL"]


async def test_first_tab_stop_skips_to_the_content() -> None:
    async with open_console("invoices") as console:
        await loaded(console.page)
        await console.page.keyboard.press("Tab")
        await console.page.keyboard.press("Enter")
        await console.page.keyboard.press("Tab")

        await expect(console.page.get_by_role("button", name="Export CSV")).to_be_focused()


async def test_period_is_in_the_address_and_kept_between_pages() -> None:
    async with open_console() as console:
        page = console.page
        await expect(page.get_by_role("region", name="Period")).to_contain_text(re.compile(r"Nov 2025\W+Nov 2026"))
        await page.get_by_role("combobox", name="Period").select_option("Year to date")
        await expect(page).to_have_url(re.compile(r"\?period=year$"))
        await page.get_by_role("link", name="Spend").click()
        await expect(page.get_by_role("region", name="Period")).to_contain_text(re.compile(r"Jan\W+Nov 2026"))
        await page.get_by_role("combobox", name="Period").select_option("Custom")
        await expect(page.get_by_label("From")).to_have_value("2026-01-01")
        await page.get_by_label("To", exact=True).fill("2026-03-31")
        await expect(page).to_have_url(re.compile(r"spend\?from=2026-01-01&period=custom&to=2026-03-31$"))
        await page.go_back()
        await page.go_back()
        await expect(page.get_by_role("combobox", name="Period")).to_have_value("year")


async def test_simulated_data_is_marked() -> None:
    async with open_console() as console:
        await expect(console.page.get_by_role("banner")).to_contain_text("Simulated data, never real costs")


async def test_page_follows_the_color_scheme() -> None:
    async with open_console() as console:
        backgrounds = set()
        for scheme in ("light", "dark"):
            await console.page.emulate_media(color_scheme=scheme)
            backgrounds.add(await console.page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
        assert backgrounds == {"rgb(247, 248, 250)", "rgb(13, 16, 22)"}
