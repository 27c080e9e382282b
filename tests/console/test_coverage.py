"""What the console shows when an account is missing, slow, stale, or fails between two pages."""

import pytest
from playwright.async_api import Route, expect

from providers.sandbox import Fault
from providers.ttl import CacheTtl
from tests.browser import needs_browser
from tests.harness import NO_CACHE_NO_RETRY

from .console import DEFAULT_CACHING, open_console

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

UNAVAILABLE = Fault(kind="status", status=503)


async def test_missing_account_is_named_until_reloaded() -> None:
    async with open_console("invoices?search=nothing", NO_CACHE_NO_RETRY) as console:
        await expect(console.page.get_by_text("No invoices match")).to_be_visible()
        await expect(console.account("Fastly")).to_contain_text("current")
        faults = console.service.control("fastly").faults
        faults.append(UNAVAILABLE)
        await console.page.get_by_role("button", name="Clear", exact=True).click()

        await expect(console.page.get_by_text("Fastly (sandbox) is missing.")).to_be_visible()
        await expect(console.account("Fastly")).to_contain_text("missing")
        await expect(console.account("Archera")).to_contain_text("current")
        await expect(console.rows.filter(has_text="Fastly")).to_have_count(0)
        faults.clear()
        await console.page.get_by_role("button", name="Reload").click()
        await expect(console.account("Fastly")).to_contain_text("current")
        await expect(console.rows.filter(has_text="Fastly").first).to_be_visible()
        console.visit.assert_clean()


async def test_list_that_nobody_could_answer_does_not_say_that_nothing_matches() -> None:
    async with open_console("accounts", NO_CACHE_NO_RETRY) as console:
        for provider in ("archera", "fastly", "spectrocloud"):
            console.service.control(provider).faults.append(UNAVAILABLE)
        await console.open("invoices?search=nothing")

        await expect(console.page.get_by_text("no account could be read")).to_be_visible()
        await expect(console.page.get_by_text("No invoices match")).to_have_count(0)


async def test_account_failing_after_one_page_is_partial() -> None:
    async with open_console("invoices?period=all", NO_CACHE_NO_RETRY) as console:
        await expect(console.rows).to_have_count(50)
        console.service.control("fastly").faults.append(UNAVAILABLE)
        await console.rows.last.scroll_into_view_if_needed()

        await expect(console.rows.nth(50)).to_be_visible()
        await expect(console.page.get_by_text("Fastly (sandbox) is incomplete.")).to_be_visible()


async def test_stale_account_shows_when_it_was_read() -> None:
    settings = DEFAULT_CACHING | {"freshness": CacheTtl(settled=0, invoice=0, list=0)}
    async with open_console("invoices", settings) as console:
        await expect(console.account("Fastly")).to_contain_text("current")
        console.service.control("fastly").faults.append(UNAVAILABLE)
        await console.page.reload()

        await expect(console.account("Fastly")).to_contain_text("out of date")
        await expect(console.account("Fastly")).to_contain_text("read ")
        await expect(console.page.get_by_text("Fastly (sandbox) is out of date.")).to_be_visible()
        await expect(console.rows.filter(has_text="Fastly").first).to_contain_text("out of date")
        console.visit.assert_clean()


async def test_slow_account_shows_a_loading_message() -> None:
    async with open_console("accounts", NO_CACHE_NO_RETRY) as console:
        console.service.control("fastly").faults.append(Fault(kind="delay", seconds=1))
        await console.open("invoices")

        await expect(console.page.get_by_text("Loading the invoices")).to_be_attached()
        await expect(console.rows).to_have_count(36)


async def test_unreachable_service_is_shown_and_retried() -> None:
    async with open_console("invoices?period=all") as console:
        await expect(console.rows).to_have_count(50)

        async def abort(route: Route) -> None:
            await route.abort()

        await console.page.route("**/graphql", abort)
        # Not a click on the button: it might come after the failure, and retry.
        await console.rows.last.scroll_into_view_if_needed()
        names = "Archera (sandbox), Fastly (sandbox), Palette (sandbox)"
        await expect(console.page.get_by_role("alert")).to_contain_text(
            f"The next invoices could not be loaded: {names}."
        )
        await expect(console.rows).to_have_count(73)  # no account can have a row before the last one
        await console.page.unroute("**/graphql", abort)
        await console.page.get_by_role("alert").get_by_role("button", name="Try again").click()
        await expect(console.rows.nth(73)).to_be_visible()
