"""The console over a service that authenticates its callers."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from resolvers.grants import Grants
from schema.scopes import Scope
from tests.browser import needs_browser
from tests.views.callers import FASTLY, access_of, key_of, read

from .console import Console, open_console

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]


async def enter(console: Console, caller: str) -> None:
    await console.page.get_by_label("API key or token").fill(key_of(caller))
    await console.page.get_by_role("button", name="Sign in").click()


async def test_the_console_asks_for_a_key_and_shows_its_accounts() -> None:
    async with open_console("invoices", access=access_of({"one": read(FASTLY)})) as console:
        page = console.page
        await enter(console, "other")
        await expect(page.get_by_label("API key or token")).to_have_value("")
        await enter(console, "one")

        await expect(page.get_by_label("API key or token")).to_have_count(0)
        await expect(console.rows.first).to_contain_text("Fastly")
        await expect(console.account("Fastly")).to_have_count(1)
        await expect(console.account("Archera")).to_have_count(0)
        kept = await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])")
        assert key_of("one") not in kept + page.url


async def test_export_sends_the_key(tmp_path: Path) -> None:
    grants = Grants(frozenset([FASTLY]), frozenset({Scope.INVOICES_READ, Scope.EXPORT}))
    async with open_console("invoices?period=all", access=access_of({"one": grants})) as console:
        await enter(console, "one")
        await expect(console.rows.first).to_contain_text("Fastly")
        async with console.page.expect_download() as download:
            await console.page.get_by_role("button", name="Export CSV").click()
        await (await download.value).save_as(tmp_path / "file.csv")

        assert len((tmp_path / "file.csv").read_text().splitlines()) == 1 + 36


async def test_export_without_the_scope_says_who_can_change_that() -> None:
    async with open_console("invoices", access=access_of({"one": read(FASTLY)})) as console:
        await enter(console, "one")
        await expect(console.rows.first).to_contain_text("Fastly")
        await console.page.get_by_role("button", name="Export CSV").click()

        await expect(console.page.get_by_text("You are not allowed to see this.")).to_be_visible()
        await expect(console.page.get_by_text("MISSING_SCOPE")).to_be_visible()


async def test_the_console_asks_for_no_key_of_an_open_service() -> None:
    async with open_console("invoices") as console:
        await expect(console.rows).to_have_count(36)
        await expect(console.page.get_by_label("API key or token")).to_have_count(0)
        console.visit.assert_clean()


async def test_key_entered_during_a_slow_refusal_is_used_for_it() -> None:
    async with open_console("accounts", access=access_of({"one": read(FASTLY)})) as console:
        entered = asyncio.Event()

        async def hold(route: Route) -> None:
            """Hold each answer to a request for invoices without a key until a key was entered."""
            if "Invoices(" in (route.request.post_data or "") and "x-api-key" not in route.request.headers:
                response = await route.fetch()
                await entered.wait()
                await route.fulfill(response=response)
            else:
                await route.fallback()

        await console.page.route("**/graphql", hold)
        await console.page.get_by_role("link", name="Invoices").click()
        await expect(console.page.get_by_text("Loading the invoices")).to_be_attached()
        await enter(console, "one")
        entered.set()

        await expect(console.rows.first).to_contain_text("Fastly")
