"""The doors of the console: a key that is asked for, kept in memory and given back, and what a caller may not see."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from resolvers.grants import Grants
from schema.scopes import Scope
from server.config.access import AccessSettings, GatewaySettings
from tests.browser import needs_browser
from tests.views.callers import ARCHERA, FASTLY, access_of, key_of, read

from .checks import sign_in
from .console import START, open_console

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

CALLERS = access_of({"one": read(FASTLY), "other": read(ARCHERA)})
NOT_ACCEPTED = "The service does not accept this key."
STORED = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])"


async def test_the_console_asks_for_a_key_and_shows_its_accounts() -> None:
    async with open_console("invoices?period=3m", access=CALLERS) as console:
        page, field = console.page, console.page.get_by_label("API key or token")
        await expect(field).to_be_focused()
        await expect(page.get_by_role("alert")).to_have_count(0)
        await sign_in(console, key_of("nobody"))
        await expect(page.get_by_role("alert")).to_contain_text(NOT_ACCEPTED)
        await expect(field).to_have_value("")
        await expect(field).to_be_focused()
        await sign_in(console, "two words")
        await expect(page.get_by_role("alert")).to_contain_text("This is not a key")
        await sign_in(console, f"  {key_of('one')} ")

        await expect(field).to_have_count(0)
        await expect(console.rows.first).to_contain_text("Fastly")
        await expect(console.account("Fastly")).to_have_count(1)
        await expect(console.account("Archera")).to_have_count(0)
        assert key_of("one") not in await page.evaluate(STORED) + page.url
        await page.reload()
        await expect(field).to_be_visible()


async def test_after_signing_out_nothing_of_the_caller_remains() -> None:
    async with open_console("invoices?period=3m", access=CALLERS) as console:
        await sign_in(console, key_of("one"))
        await expect(console.rows.filter(has_text="Fastly")).to_have_count(3)
        await console.page.get_by_role("button", name="Sign out").click()
        await expect(console.page.get_by_role("heading", name="Sign in")).to_be_visible()
        await expect(console.page.get_by_text("Fastly")).to_have_count(0)
        await expect(console.page.get_by_role("button", name="Sign out")).to_have_count(0)
        await sign_in(console, key_of("other"))

        await expect(console.rows.filter(has_text="Archera")).to_have_count(3)
        await expect(console.page.get_by_text("Fastly")).to_have_count(0)
        await expect(console.page).to_have_url(f"{console.url}invoices?period=3m")


async def test_key_that_is_revoked_is_told_apart_from_a_wrong_one() -> None:
    async with open_console("accounts", access=CALLERS) as console:
        await sign_in(console, key_of("one"))
        await expect(console.page.get_by_role("region", name="Fastly (sandbox)")).to_contain_text("October 2026")
        console.service.app.state.authenticator.apply_settings(access_of({"other": read(ARCHERA)}))
        await console.page.get_by_role("link", name="Projects").click()

        await expect(console.page.get_by_role("alert")).to_contain_text("The service no longer accepts your key")
        await expect(console.page.get_by_text("Fastly")).to_have_count(0)
        await sign_in(console, key_of("other"))
        await expect(console.account("Archera")).to_have_count(1)


async def test_refusal_that_arrives_after_a_key_was_entered_is_not_that_of_the_key() -> None:
    async with open_console(START, access=CALLERS) as console:
        entered = asyncio.Event()

        async def hold(route: Route) -> None:
            """Hold each answer to a request for invoices without a key until a key was entered."""
            if "Invoices" in (route.request.post_data or "") and "x-api-key" not in route.request.headers:
                response = await route.fetch()
                await entered.wait()
                await route.fulfill(response=response)
            else:
                await route.fallback()

        await console.page.route("**/graphql", hold)
        await console.open("invoices")
        await sign_in(console, key_of("one"))
        await expect(console.page.get_by_role("button", name="Sign out")).to_be_visible()
        entered.set()

        await expect(console.rows.first).to_contain_text("Fastly")
        await expect(console.page.get_by_label("API key or token")).to_have_count(0)


async def test_key_that_cannot_be_checked_is_not_called_wrong() -> None:
    async with open_console(access=CALLERS) as console:

        async def fail(route: Route) -> None:
            await route.fulfill(status=503, body="busy")

        async def abort(route: Route) -> None:
            await route.abort()

        await expect(console.page.get_by_label("API key or token")).to_be_visible()
        for answer, words in ((fail, "could not check the key now"), (abort, "could not be reached")):
            await console.page.route("**/graphql", answer)
            await sign_in(console, key_of("one"))
            await expect(console.page.get_by_role("alert")).to_contain_text(words)
            await expect(console.page.get_by_text(NOT_ACCEPTED)).to_have_count(0)
            await console.page.unroute("**/graphql", answer)


async def test_file_is_fetched_with_the_key(tmp_path: Path) -> None:
    grants = Grants(frozenset([FASTLY]), frozenset({Scope.INVOICES_READ, Scope.EXPORT}))
    async with open_console("invoices?period=all", access=access_of({"one": grants})) as console:
        await sign_in(console, key_of("one"))
        await expect(console.rows.first).to_contain_text("Fastly")
        async with console.page.expect_download() as download:
            await console.page.get_by_role("button", name="Export CSV").click()
        await (await download.value).save_as(tmp_path / "file.csv")

        assert len((tmp_path / "file.csv").read_text().splitlines()) == 1 + 36


async def test_file_that_is_refused_says_who_can_change_that() -> None:
    async with open_console("invoices", access=CALLERS) as console:
        await sign_in(console, key_of("one"))
        await expect(console.rows.first).to_contain_text("Fastly")
        await console.page.get_by_role("button", name="Export CSV").click()

        await expect(console.page.get_by_text("You are not allowed to export files.")).to_be_visible()
        await expect(console.page.get_by_text("MISSING_SCOPE")).to_be_visible()
        await expect(console.page.get_by_text("Ask the operator of this service to extend your key.")).to_be_visible()


async def test_what_is_not_granted_does_not_exist_and_the_page_says_that_it_may_be_so() -> None:
    async with open_console(f"credits?accounts={ARCHERA}", access=access_of({"one": read(FASTLY)})) as console:
        page = console.page
        await sign_in(console, key_of("one"))
        await expect(page.get_by_text("The chosen accounts are not visible to you.")).to_be_visible()
        await expect(page.get_by_text("They do not exist, or your key does not grant them.")).to_be_visible()
        await page.get_by_role("button", name="Clear filters").click()
        await expect(console.rows.filter(has_text="Coupon")).to_have_count(3)
        await page.get_by_role("link", name="Projects").click()

        await expect(page.get_by_text("Fastly is not called: its invoices name no projects.")).to_be_visible()


async def test_key_without_any_account_says_so() -> None:
    async with open_console(
        "accounts", access=access_of({"one": Grants(frozenset(), frozenset({Scope.INVOICES_READ}))})
    ) as console:
        await sign_in(console, key_of("one"))
        for name in ("Accounts", "Credits", "Projects"):
            await console.page.get_by_role("link", name=name, exact=True).click()
            await expect(console.title).to_have_text(name)
            await expect(console.page.get_by_text("No account is visible to you.")).to_be_visible()


async def test_session_behind_a_gateway_needs_no_key() -> None:
    gateway = GatewaySettings.model_validate({"addresses": ["127.0.0.1"], "everyone": {"accounts": [FASTLY]}})
    async with open_console("invoices", access=AccessSettings(gateway=gateway)) as console:
        await expect(console.rows.filter(has_text="Fastly").first).to_be_visible()
        await expect(console.page.get_by_label("API key or token")).to_have_count(0)
        await expect(console.page.get_by_role("button", name="Sign out")).to_have_count(0)
        await expect(console.account("Archera")).to_have_count(0)
        console.visit.assert_clean()


async def test_open_service_asks_for_no_key() -> None:
    async with open_console("accounts") as console:
        await expect(console.page.get_by_role("region", name=re.compile("Fastly"))).to_contain_text("October 2026")
        await expect(console.page.get_by_label("API key or token")).to_have_count(0)
        console.visit.assert_clean()
