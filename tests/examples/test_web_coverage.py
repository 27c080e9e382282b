"""What examples/web says when an account is missing, late, out of date or lost on the way."""

import pytest
from playwright.async_api import Route, expect

from providers.sandbox import Fault
from providers.ttl import CacheTtl
from tests.browser import needs_browser
from tests.harness import PLAIN

from .web import USUAL, opened

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

BROKEN = Fault(kind="status", status=503)


async def test_a_missing_account_is_named_and_comes_back_when_asked_again() -> None:
    async with opened("/?search=nothing", PLAIN) as example:
        faults = example.service.control("fastly").faults
        faults.append(BROKEN)
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


async def test_an_account_that_is_lost_between_two_pages_is_incomplete_not_missing() -> None:
    async with opened(settings=PLAIN) as example:
        await expect(example.rows).to_have_count(20)
        example.service.control("fastly").faults.append(BROKEN)
        await example.page.get_by_role("button", name="Show more").click()

        await expect(example.rows).to_have_count(40)
        await expect(example.account("Fastly")).to_contain_text("partial")
        await expect(example.rows.filter(has_text="Fastly")).to_have_count(7)


async def test_an_account_that_is_out_of_date_says_when_it_was_read() -> None:
    settings = USUAL | {"freshness": CacheTtl(settled=0, invoice=0, list=0)}
    async with opened(settings=settings) as example:
        await expect(example.account("Fastly")).to_contain_text("complete")
        example.service.control("fastly").faults.append(BROKEN)
        await example.page.reload()

        await expect(example.account("Fastly")).to_contain_text("out of date")
        await expect(example.account("Fastly")).to_contain_text("read ")
        await example.rows.filter(has_text="Fastly").first.click()
        await expect(example.details).to_contain_text("Fastly could not be read")
        example.visit.assert_clean()


async def test_while_a_slow_account_is_awaited_the_page_says_that_it_is_reading() -> None:
    async with opened("/?search=nothing", PLAIN) as example:
        await expect(example.page.get_by_text("No invoice matches")).to_be_visible()
        example.service.control("fastly").faults.append(Fault(kind="delay", seconds=1))
        await example.page.goto(example.url)

        await expect(example.page.get_by_text("Loading the invoices")).to_be_attached()
        await expect(example.rows).to_have_count(20)


async def test_a_service_that_cannot_be_reached_is_said_and_asked_again() -> None:
    async with opened() as example:
        await expect(example.rows).to_have_count(20)

        async def break_off(route: Route) -> None:
            await route.abort()

        await example.page.route("**/graphql", break_off)
        await example.rows.last.scroll_into_view_if_needed()  # a click might come when it has failed, and ask again
        await expect(example.page.get_by_role("alert")).to_contain_text("The next invoices could not be loaded.")
        await expect(example.rows).to_have_count(20)
        await example.page.unroute("**/graphql", break_off)
        await example.page.get_by_role("button", name="Try again").click()
        await expect(example.rows).to_have_count(40)

        await example.page.route("**/graphql", break_off)
        await example.page.get_by_label("Payment").select_option("Pending")
        await expect(example.page.get_by_text("The service could not be reached.").last).to_be_visible()
