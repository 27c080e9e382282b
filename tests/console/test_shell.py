"""The frame of the console: navigation, titles, focus, the period, the state of accounts, and accessibility."""

import gzip
import re
from typing import Any

import pytest
from playwright.async_api import Page, Response, expect

from providers.sandbox import Fault
from tests.browser import needs_browser
from tests.harness import NO_CACHE_NO_RETRY
from tests.views.callers import FASTLY, access_of, read

from .console import CONSOLE, INVOICE, PAGES, Console, open_console

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

FIRST_LOAD = 180_000  # bytes of scripts and styles of the overview, compressed by gzip
AXE = CONSOLE / "node_modules/axe-core/axe.min.js"
EVERY_PAGE = [*PAGES, INVOICE, "project?id=none", "nowhere"]
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
FOCUSED = "() => document.activeElement.innerText.trim().split('\\n')[0]"
OUTLINE = "() => getComputedStyle(document.activeElement).outlineStyle"


async def loaded(console: Console) -> None:
    await expect(console.title).to_be_visible()
    await expect(console.page.get_by_text("Loading")).to_have_count(0)


async def violations(page: Page) -> list[Any]:
    """The rules of axe that the page breaks, each with its elements."""
    await page.evaluate(AXE.read_text())  # not a script element, which the policy of the page forbids
    found = await page.evaluate("axe.run()")
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]]


async def test_axe_finds_nothing_while_an_account_is_missing() -> None:
    async with open_console("accounts", NO_CACHE_NO_RETRY) as console:
        console.service.control("fastly").faults.append(Fault(kind="status", status=503))
        await console.open("invoices")
        await expect(console.account("Fastly")).to_contain_text("missing")
        await console.page.get_by_role("button", name="Payment").click()

        assert await violations(console.page) == []


async def test_axe_finds_nothing_while_the_console_asks_for_a_key() -> None:
    async with open_console(access=access_of({"one": read(FASTLY)})) as console:
        await expect(console.page.get_by_label("API key or token")).to_be_visible()

        assert await violations(console.page) == []


async def test_first_load_is_small_and_stated_by_the_build(built: str) -> None:
    async with open_console("accounts") as console:
        files: dict[str, bytes] = {}

        async def keep(response: Response) -> None:
            if "/console/" in response.url:
                files[response.url] = await response.body()

        console.page.on("response", keep)
        await console.open("?")
        await expect(console.page.get_by_role("figure").first).to_be_visible()

        assert any(name.endswith(".css") for name in files)
        size = sum(len(gzip.compress(body)) for body in files.values())
        assert size < FIRST_LOAD
        (stated,) = re.findall(r"The overview loads (\d+) kB at first", built)
        assert size / 1000 == pytest.approx(int(stated), abs=1)


async def test_every_entry_of_the_navigation_opens_its_page() -> None:
    async with open_console() as console:
        navigation = console.page.get_by_role("navigation", name="Pages")
        for path, title in PAGES.items():
            await navigation.get_by_role("link", name=title).click()
            await expect(console.title).to_have_text(title)
            await expect(console.title).to_be_focused()
            await expect(console.page).to_have_title(f"{title} · Invoicegraph")
            await expect(console.page).to_have_url(f"{console.url}{path}")
            await expect(navigation.locator("[aria-current=page]")).to_have_text(title)
            await loaded(console)
        console.visit.assert_clean()


@pytest.mark.parametrize("path", EVERY_PAGE)
async def test_every_address_loads_without_an_error(path: str) -> None:
    async with open_console(path) as console:
        await loaded(console)
        console.visit.assert_clean()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_any_page(scheme: Any) -> None:
    async with open_console(color_scheme=scheme) as console:
        for path in EVERY_PAGE:
            await console.open(path)
            await loaded(console)
            assert (path, await violations(console.page)) == (path, [])


@pytest.mark.parametrize("width", [360, 768, 1280, 2560])
async def test_no_page_needs_horizontal_scrolling(width: int) -> None:
    async with open_console(viewport={"width": width, "height": 740}) as console:
        for path in EVERY_PAGE:
            await console.open(path)
            await loaded(console)
            content, available = await console.page.evaluate(WIDTHS)
            assert (path, content) == (path, min(content, available))


async def test_keyboard_reaches_the_pages_in_order() -> None:
    async with open_console() as console:
        await loaded(console)
        stops = []
        for _ in range(9):
            await console.page.keyboard.press("Tab")
            assert await console.page.evaluate(OUTLINE) != "none"
            stops.append(await console.page.evaluate(FOCUSED))
        assert stops == ["Skip to the content", "Invoicegraph", *PAGES.values(), "GraphiQL"]


async def test_first_tab_stop_skips_to_the_content() -> None:
    async with open_console("invoices") as console:
        await loaded(console)
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
