"""The list of invoices while accounts answer at different times, fail, or cannot match a filter."""

import re

import pytest
from playwright.async_api import Request, Route, expect

from providers.sandbox import Fault
from tests.browser import needs_browser
from tests.harness import NO_CACHE_NO_RETRY
from tests.views.callers import FASTLY

from .console import DEFAULT_CACHING, Console, open_console

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

IDS = "query($filter: InvoiceFilter) { invoices(first: 200, filterBy: $filter) { nodes { id } } }"
LAST_YEAR = {"periodFrom": "2025-11-01", "periodTo": "2026-11-30"}
LINKED = "links => links.map(link => new URLSearchParams(link.search).get('id'))"


async def shown_ids(console: Console) -> list[str]:
    found: list[str] = await console.rows.get_by_role("link").evaluate_all(LINKED)
    return found


def reads(request: Request, account: str) -> bool:
    """Whether a request asks for the rows of this account."""
    body = request.post_data or ""
    return '"operationName":"Invoices"' in body and f'"accounts":["{account}"]' in body


async def test_a_slow_provider_delays_only_its_own_rows_and_they_move_none() -> None:
    async with open_console("accounts", NO_CACHE_NO_RETRY) as console:
        console.service.control("fastly").faults.append(Fault(kind="delay", seconds=5))
        answered: list[str] = []
        console.page.on("requestfinished", lambda request: answered.append(FASTLY) if reads(request, FASTLY) else None)
        await console.open("invoices")

        await expect(console.rows).to_have_count(24)
        await expect(console.rows.filter(has_text="Archera").first).to_contain_text("sum of 7 of 8 lines")
        await expect(console.page.get_by_text("Still reading Fastly (sandbox).")).to_be_visible()
        assert answered == []

        pointed = console.rows.nth(3)
        await pointed.hover(position={"x": 200, "y": 10})
        await pointed.hover()
        before = await pointed.bounding_box()
        await expect(console.page.get_by_text("Fastly (sandbox) was read.")).to_be_visible(timeout=10_000)
        assert answered == [FASTLY]
        assert await pointed.bounding_box() == before
        await console.page.get_by_role("button", name="Add its invoices").click()
        await expect(console.rows).to_have_count(36)
        nodes = (await console.service.data(IDS, {"filter": LAST_YEAR}))["invoices"]["nodes"]
        assert await shown_ids(console) == [node["id"] for node in nodes]
        console.visit.assert_clean()


async def test_a_request_that_fails_concerns_only_its_account() -> None:
    async with open_console("accounts") as console:

        async def abort(route: Route) -> None:
            await (route.abort() if reads(route.request, FASTLY) else route.fallback())

        await console.page.route("**/graphql", abort)
        await console.open("invoices")

        problem = console.page.get_by_role("alert")
        await expect(problem).to_contain_text("The invoices of Fastly (sandbox) could not be loaded.")
        await expect(console.rows).to_have_count(24)
        await console.page.unroute("**/graphql", abort)
        await problem.get_by_role("button", name="Try again").click()
        await expect(console.rows).to_have_count(36)
        await expect(problem).to_have_count(0)


async def test_what_a_filter_cannot_know_is_said() -> None:
    async with open_console("invoices?overdue=true") as console:
        page = console.page
        await expect(page.get_by_text("It is not known which invoices match these filters.")).to_be_visible()
        await page.get_by_text("Some invoices are left out").click()
        await expect(
            page.get_by_text("Archera is not called: it never states what the filter requires.")
        ).to_be_visible()
        await expect(page.get_by_text("Files cannot be filtered by “Overdue”.")).to_be_visible()
        await expect(page.get_by_role("button", name="Export")).to_have_count(0)

        await page.get_by_role("button", name="Clear filters").click()
        await expect(console.rows).to_have_count(36)
        await expect(page.get_by_role("button", name="Export CSV")).to_be_visible()
        await console.open("invoices?accounts=fastly/none")
        await expect(page.get_by_text("No account matches these filters.")).to_be_visible()
        console.visit.assert_clean()


async def test_due_days_and_the_filter_of_overdue_invoices() -> None:
    terms = DEFAULT_CACHING | {"payment_terms": "Net 30", "due_from": "period_end"}
    async with open_console("invoices", terms) as console:
        await expect(console.rows).to_have_count(36)
        await expect(console.rows.filter(has_text="INV-321156")).to_contain_text("due Dec 1, 2026")
        await console.page.get_by_role("button", name="Payment").click()
        await console.page.get_by_label("Overdue").select_option("Not overdue")

        await expect(console.page).to_have_url(re.compile(r"\?overdue=false$"))
        nodes = (await console.service.data(IDS, {"filter": LAST_YEAR | {"overdue": False}}))["invoices"]["nodes"]
        assert 0 < len(nodes) < 36
        await expect(console.rows).to_have_count(len(nodes))
        assert await shown_ids(console) == [node["id"] for node in nodes]
        console.visit.assert_clean()
