"""What holds on every page: accessibility, layout, the policy of its content, the keyboard, and failing providers."""

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from providers.sandbox import Fault
from providers.ttl import CacheTtl
from tests.browser import needs_browser
from tests.harness import NO_CACHE_NO_RETRY
from tests.views.callers import FASTLY, access_of, key_of, read

from .checks import loaded, violations
from .console import DEFAULT_CACHING, INVOICE, PAGES, START, Console, open_console

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

LAYOUT = Path(__file__).with_name("layout.js").read_text()
PROJECT = "project?id=spectrocloud/sandbox-palette/project/5fbbf0a9206561fc62a76e09"
EVERY_PAGE = [*PAGES, INVOICE, PROJECT]
EVERY_ADDRESS = [*EVERY_PAGE, "invoices?period=custom&from=2026-01-01&to=2026-03-31", "project?id=none", "nowhere"]
PROVIDERS = "archera", "fastly", "spectrocloud"
WIDTHS = 360, 640, 768, 1024, 1280, 2560
REPORT = (
    "addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective, event.blockedURI))"
)
FOCUSED = "() => document.activeElement.innerText.trim().split('\\n')[0]"
OUTLINED = (
    "() => [null, '::after'].some((part) => getComputedStyle(document.activeElement, part).outlineStyle !== 'none')"
)
MOVING = "document.getAnimations().length"


async def fail_all(console: Console) -> None:
    for provider in PROVIDERS:
        console.service.control(provider).faults.append(Fault(kind="status", status=503))


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element with this text has the focus. Each stop on the way is visible."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        assert await page.evaluate(OUTLINED)
        if (await page.evaluate(FOCUSED)).startswith(name):
            return
    raise AssertionError(f"Tab does not reach {name!r}.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(scheme: str) -> None:
    async with open_console(START) as console:
        for path in EVERY_ADDRESS:
            await console.open(path)
            assert (path, await violations(console.page, scheme)) == (path, [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_while_providers_fail(scheme: str) -> None:
    async with open_console(START, NO_CACHE_NO_RETRY) as console:
        await fail_all(console)
        for path in EVERY_PAGE:
            await console.open(path)
            assert (path, await violations(console.page, scheme)) == (path, [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_an_open_list_and_in_the_form_for_a_key(scheme: str) -> None:
    async with open_console("credits", access=access_of({"one": read(FASTLY)})) as console:
        await console.page.get_by_label("API key or token").fill("ig_unknown")
        await console.page.keyboard.press("Enter")
        await expect(console.page.get_by_role("alert")).to_be_visible()
        assert await violations(console.page, scheme) == []
        await console.page.get_by_label("API key or token").fill(key_of("one"))
        await console.page.keyboard.press("Enter")
        await console.page.get_by_role("button", name="Kind").click()
        assert await violations(console.page, scheme) == []


async def test_the_policy_of_the_service_is_kept_below_a_proxy_and_no_request_leaves_the_host() -> None:
    async with open_console(START) as console:
        requested: list[str] = []
        console.page.on("request", lambda request: requested.append(request.url))
        await console.page.add_init_script(REPORT)
        for path in EVERY_PAGE:
            response = await console.page.goto(f"{console.url}{path}")
            assert response is not None
            assert "unsafe" not in response.headers["content-security-policy"]
            await loaded(console.page)
            await expect(console.page.get_by_role("alert")).to_have_count(0)

        assert [one for one in requested if not one.startswith((console.url, "data:"))] == []
        console.visit.assert_clean()


async def test_controls_fit_and_do_not_overlap_at_any_width_and_in_both_directions() -> None:
    async with open_console(START) as console:
        for path in EVERY_ADDRESS:
            await console.open(path)
            await loaded(console.page)
            for direction, width in product(("ltr", "rtl"), WIDTHS):
                await console.page.evaluate(f"document.documentElement.dir = '{direction}'")
                await console.page.set_viewport_size({"width": width, "height": 740})
                found = await console.page.evaluate(LAYOUT)
                assert (path, direction, width, found) == (path, direction, width, [])


async def test_keyboard_alone_leads_to_a_project_and_back() -> None:
    async with open_console() as console:
        page = console.page
        await loaded(page)
        await tab_to(page, "Projects")
        await page.keyboard.press("Enter")
        await expect(console.title).to_be_focused()
        await loaded(page)
        await tab_to(page, "edge-stores")
        await page.keyboard.press("Enter")
        await expect(console.title).to_have_text("edge-stores")
        await expect(console.title).to_be_focused()
        await loaded(page)
        await tab_to(page, "Show as a table")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("figure").get_by_role("table")).to_be_visible()
        await tab_to(page, "October 2026")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/invoice\\?id="))
        await page.go_back()
        await expect(console.title).to_have_text("edge-stores")


async def test_keyboard_alone_filters_the_credits() -> None:
    async with open_console("credits") as console:
        page = console.page
        await loaded(page)
        await tab_to(page, "All")
        await page.keyboard.press("Enter")  # the focus moves to the first kind
        await page.keyboard.press("Space")
        await expect(page).to_have_url(f"{console.url}credits?kinds=FREE")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Kind")).to_be_focused()
        await expect(page.get_by_role("button", name="Kind")).to_contain_text("Free use")
        await tab_to(page, "Clear")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{console.url}credits")


@pytest.mark.parametrize(("motion", "moving"), [("reduce", 0), ("no-preference", 1)])
async def test_placeholders_move_unless_the_reader_wants_less_motion(motion: Any, moving: int) -> None:
    async with open_console(START, NO_CACHE_NO_RETRY, reduced_motion=motion) as console:
        console.service.control("spectrocloud").faults.append(Fault(kind="hang"))
        await console.open("projects")
        await expect(console.page.get_by_text("Loading the projects")).to_be_attached()

        assert min(await console.page.evaluate(MOVING), 1) == moving


async def test_no_page_takes_a_failure_for_an_empty_list() -> None:
    async with open_console(START, NO_CACHE_NO_RETRY) as console:
        await fail_all(console)
        for path in EVERY_PAGE:
            await console.open(path)
            await loaded(console.page)
            main = console.page.get_by_role("main")
            await expect(main.get_by_text(re.compile("could (not be|be) (read|loaded|reached)")).first).to_be_visible()
            await expect(
                main.get_by_text(re.compile("There (are|is) no|match these filters|was not found"))
            ).to_have_count(0)
            await expect(main.get_by_text(re.compile(r"[A-Z]{3} \d"))).to_have_count(0)


async def test_pages_name_the_account_that_is_missing_and_show_the_others() -> None:
    async with open_console(START, NO_CACHE_NO_RETRY) as console:
        console.service.control("archera").faults.append(Fault(kind="status", status=503))
        for path in ("", "invoices", "spend", "credits"):
            await console.open(path)
            await loaded(console.page)
            main = console.page.get_by_role("main")
            await expect(main.get_by_text("Archera (sandbox) is missing.").first).to_be_visible()
            await expect(main.get_by_text(re.compile("Fastly|Coupon")).first).to_be_visible()
            await expect(console.account("Archera")).to_contain_text("UNAVAILABLE")
            await expect(console.account("Fastly")).to_contain_text("current")


async def test_pages_mark_data_that_is_out_of_date() -> None:
    settings = DEFAULT_CACHING | {"freshness": CacheTtl(settled=0, invoice=0, list=0)}
    async with open_console(START, settings) as console:
        for path in EVERY_PAGE:
            await console.open(path)
            await loaded(console.page)
        await fail_all(console)
        for path in ("", "invoices", "spend", "projects"):
            await console.open(path)
            await loaded(console.page)
            main = console.page.get_by_role("main")
            await expect(main.get_by_text("Palette (sandbox) is out of date.").first).to_be_visible()
            await expect(main.get_by_text(re.compile(r"[A-Z]{3}\s[\d,]+\.\d\d")).first).to_be_visible()
