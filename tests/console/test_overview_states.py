"""What the overview says while accounts are read, missing, out of date or not permitted; keyboard and axe."""

import re
from typing import Any

import pytest
from playwright.async_api import Route, expect

from providers import PROVIDERS
from providers.sandbox import Fault, Sandbox
from providers.ttl import CacheTtl
from tests.browser import needs_browser
from tests.harness import NO_CACHE_NO_RETRY, create_sandbox, now
from tests.views.callers import FASTLY, access_of, key_of, read

from .checks import PAGE_WIDTHS, loaded, violations
from .console import DEFAULT_CACHING, Console, open_console
from .test_overview import cells, figure, tile

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

UNAVAILABLE = Fault(kind="status", status=503)
LABELS = "This month to date", "October 2026", "Not settled", "Does not add up"


async def figures(console: Console) -> list[str]:
    return [await figure(console, label) for label in LABELS]


async def test_slow_account_delays_only_its_own_figures() -> None:
    async with open_console("accounts", NO_CACHE_NO_RETRY) as console:
        fastly = console.service.control("fastly")
        fastly.faults.append(Fault(kind="delay", seconds=5))
        await console.open("?")

        await expect(tile(console, "October 2026").locator(".figure")).to_have_text("USD 3,194.44")
        assert fastly.in_flight > 0
        await expect(
            console.page.get_by_text("Still reading Fastly (sandbox): not in the figures yet.")
        ).to_be_visible()
        await expect(tile(console, "October 2026")).to_contain_text("So far without Fastly (sandbox).")
        await expect(tile(console, "This month to date").locator(".bone")).to_be_visible()
        assert (await cells(console.section("What changed")))[1][3] == "Not compared. Still being read."
        assert await figures(console) == ["", "USD 3,194.44", "USD 11,476.43", ""]

        await expect(tile(console, "October 2026").locator(".figure")).to_have_text("USD 9,775.49", timeout=20_000)
        assert await figures(console) == ["USD 4,374.40", "USD 9,775.49", "USD 18,057.48", "nothing found"]


async def test_missing_account_is_in_no_figure_and_named_by_each() -> None:
    async with open_console("accounts", NO_CACHE_NO_RETRY) as console:
        faults = console.service.control("fastly").faults
        faults.append(UNAVAILABLE)
        await console.open("?")
        await expect(console.page.get_by_text("Fastly (sandbox) is missing.")).to_be_visible()
        await loaded(console.page)

        assert await figures(console) == ["not known", "USD 3,194.44", "USD 11,476.43", "not known"]
        for label in LABELS:
            await expect(tile(console, label)).to_contain_text("Without Fastly (sandbox).")
        assert (await cells(console.section("What changed")))[1] == [
            "Fastly (sandbox)",
            "not known",
            "not known",
            "Not compared. Could not be read: UNAVAILABLE.",
        ]
        assert await violations(console.page) == []
        faults.clear()
        await console.page.get_by_role("button", name="Try again").first.click()
        await expect(tile(console, "This month to date").locator(".figure")).to_have_text("USD 4,374.40")


async def test_no_figure_is_zero_if_no_account_could_be_read() -> None:
    async with open_console("accounts", NO_CACHE_NO_RETRY) as console:
        for provider in ("archera", "fastly", "spectrocloud"):
            console.service.control(provider).faults.append(UNAVAILABLE)
        await console.open("?")
        await expect(console.page.get_by_text("The posted invoices in this period are not known")).to_be_visible()

        assert await figures(console) == ["not known"] * 4
        await expect(console.page.get_by_text("No account could be read.", exact=True)).to_be_visible()
        await expect(console.page.get_by_text("The discrepancies are not known")).to_be_visible()
        await expect(console.page.get_by_role("link", name="Not settled")).to_have_count(0)


async def test_stale_figures_say_so() -> None:
    settings = DEFAULT_CACHING | {"freshness": CacheTtl(settled=0, invoice=0, list=0, month_to_date=0)}
    async with open_console(settings=settings) as console:
        await loaded(console.page)
        console.service.control("fastly").faults.append(UNAVAILABLE)
        await console.page.reload()

        await expect(console.page.get_by_text("Fastly (sandbox) is out of date.")).to_be_visible()
        await loaded(console.page)
        assert await figures(console) == ["USD 4,374.40", "USD 9,775.49", "USD 18,057.48", "nothing found"]


async def test_unreachable_service_is_told_and_retried() -> None:
    async def abort(route: Route) -> None:
        await route.abort()

    async with open_console("accounts") as console:
        await console.page.route("**/graphql", abort)
        await console.open("?")
        await expect(console.page.get_by_role("alert")).to_contain_text("The figures could not be loaded.")
        await console.page.unroute("**/graphql", abort)
        await console.page.get_by_role("alert").get_by_role("button", name="Try again").click()

        await expect(tile(console, "October 2026").locator(".figure")).to_have_text("USD 9,775.49")


async def test_this_month_has_no_posted_invoices_yet() -> None:
    async with open_console("?period=month") as console:
        await expect(console.page.get_by_text("There are no posted invoices in this period.")).to_be_visible()
        await expect(console.page.get_by_text("The invoices of a month are posted after its end.")).to_be_visible()
        assert (await figures(console))[:2] == ["USD 4,374.40", "USD 9,775.49"]


async def test_caller_sees_the_figures_of_his_accounts_only() -> None:
    async with open_console(access=access_of({"one": read(FASTLY)})) as console:
        await console.page.get_by_label("API key or token").fill(key_of("one"))
        await console.page.get_by_role("button", name="Sign in").click()

        await expect(tile(console, "October 2026").locator(".figure")).to_have_text("USD 6,581.05")
        await expect(console.page.get_by_text("What one account was billed.")).to_be_visible()
        assert [row[0] for row in await cells(console.section("What changed"))] == ["Fastly (sandbox)"]


async def test_keyboard_alone_chooses_a_period_opens_a_table_and_follows_a_month() -> None:
    async with open_console() as console:
        await loaded(console.page)
        page = console.page
        await page.get_by_role("combobox", name="Period").focus()
        await page.keyboard.press("ArrowDown")
        await expect(page).to_have_url(re.compile(r"\?period=year$"))
        await expect(console.section("Spend by month")).to_contain_text(re.compile(r"Jan\W+Nov 2026"))
        chart = page.get_by_role("figure", name="Spend by month in USD")
        await chart.get_by_role("button", name="Show as a table").press("Enter")
        await page.keyboard.press("Tab")
        await expect(chart.get_by_role("link", name="January 2026")).to_be_focused()
        await page.keyboard.press("Enter")

        await expect(page).to_have_url(re.compile(r"invoices\?from=2026-01-01&period=custom&to=2026-01-31$"))
        await expect(console.rows).to_have_count(3)
        await page.go_back()
        await expect(page).to_have_url(re.compile(r"\?period=year$"))


def odd_sandbox() -> Sandbox:
    odd = [spec.odd_sandbox(now=now) for spec in PROVIDERS.values() if spec.odd_sandbox]
    return create_sandbox(*(spec.sandbox(now=now) for spec in PROVIDERS.values()), *odd)


async def test_nothing_is_clipped_on_a_narrow_screen_with_every_table_open() -> None:
    async with open_console(sandbox=odd_sandbox(), viewport={"width": 360, "height": 740}) as console:
        await loaded(console.page)
        tables = console.page.get_by_role("button", name="Show as a table")
        while await tables.count():
            await tables.first.click()
        await console.page.get_by_role("button", name="Show all 21").click()

        content, available = await console.page.evaluate(PAGE_WIDTHS)
        assert content == available


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_with_discrepancies_and_an_open_table(scheme: Any) -> None:
    async with open_console(sandbox=odd_sandbox(), color_scheme=scheme) as console:
        await loaded(console.page)
        await console.page.get_by_role("button", name="Show as a table").first.click()

        assert await violations(console.page) == []
