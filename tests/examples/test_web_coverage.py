"""What examples/web shows when an account is missing, slow, stale, or fails between two pages."""

import pytest
from playwright.async_api import Route, expect

from providers.sandbox import Fault
from providers.ttl import CacheTtl
from tests.browser import needs_browser
from tests.harness import NO_CACHE_NO_RETRY

from .web import DEFAULT_CACHING, open_example

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

UNAVAILABLE = Fault(kind="status", status=503)


async def test_missing_account_is_named_until_reloaded() -> None:
    async with open_example("/?search=nothing", NO_CACHE_NO_RETRY) as example:
        faults = example.service.control("fastly").faults
        faults.append(UNAVAILABLE)
        await example.page.get_by_role("button", name="Clear").click()

        await expect(example.account("Fastly")).to_contain_text("missing")
        await expect(example.account("Fastly")).to_contain_text("not read")
        await expect(example.account("Archera")).to_contain_text("complete")
        await expect(example.rows.filter(has_text="Fastly")).to_have_count(0)
        faults.clear()
        await example.page.get_by_role("button", name="Reload").click()
        await expect(example.account("Fastly")).to_contain_text("complete")
        await expect(example.rows.filter(has_text="Fastly").first).to_be_visible()
        example.visit.assert_clean()


async def test_account_failing_after_one_page_is_partial() -> None:
    async with open_example(settings=NO_CACHE_NO_RETRY) as example:
        await expect(example.rows).to_have_count(20)
        example.service.control("fastly").faults.append(UNAVAILABLE)
        await example.page.get_by_role("button", name="Show more").click()

        await expect(example.rows).to_have_count(40)
        await expect(example.account("Fastly")).to_contain_text("partial")
        await expect(example.rows.filter(has_text="Fastly")).to_have_count(7)


async def test_stale_account_shows_when_it_was_read() -> None:
    settings = DEFAULT_CACHING | {"freshness": CacheTtl(settled=0, invoice=0, list=0)}
    async with open_example(settings=settings) as example:
        await expect(example.account("Fastly")).to_contain_text("complete")
        example.service.control("fastly").faults.append(UNAVAILABLE)
        await example.page.reload()

        await expect(example.account("Fastly")).to_contain_text("out of date")
        await expect(example.account("Fastly")).to_contain_text("read ")
        await example.rows.filter(has_text="Fastly").first.click()
        await expect(example.details).to_contain_text("Fastly could not be read")
        example.visit.assert_clean()


async def test_slow_account_shows_a_loading_message() -> None:
    async with open_example("/?search=nothing", NO_CACHE_NO_RETRY) as example:
        await expect(example.page.get_by_text("No invoice matches")).to_be_visible()
        example.service.control("fastly").faults.append(Fault(kind="delay", seconds=1))
        await example.page.goto(example.url)

        await expect(example.page.get_by_text("Loading the invoices")).to_be_attached()
        await expect(example.rows).to_have_count(20)


async def test_unreachable_service_is_shown_and_retried() -> None:
    async with open_example() as example:
        await expect(example.rows).to_have_count(20)

        async def abort(route: Route) -> None:
            await route.abort()

        await example.page.route("**/graphql", abort)
        # Not a click on the button: it might come after the failure, and retry.
        await example.rows.last.scroll_into_view_if_needed()
        await expect(example.page.get_by_role("alert")).to_contain_text("The next invoices could not be loaded.")
        await expect(example.rows).to_have_count(20)
        await example.page.unroute("**/graphql", abort)
        await example.page.get_by_role("button", name="Try again").click()
        await expect(example.rows).to_have_count(40)

        await example.page.route("**/graphql", abort)
        await example.page.get_by_label("Payment").select_option("Pending")
        await expect(example.page.get_by_text("The service could not be reached.").last).to_be_visible()
