"""The page of accounts: health, why an account cannot be read, and what to do about it."""

import pytest
from playwright.async_api import Locator, expect

from providers.sandbox import Fault
from providers.ttl import CacheTtl
from tests.browser import needs_browser
from tests.harness import NO_CACHE_NO_RETRY

from .console import DEFAULT_CACHING, START, Console, open_console

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

REFERENCES = """{ accounts { id name reference provider { name } invoices(first: 1) { totalCount } } }"""
STEPS = {
    "UNAUTHORIZED": (
        Fault(kind="status", status=401),
        "Fastly refuses the key of this account.",
        "The operator of this service replaces the key of the account in the configuration.",
    ),
    "FORBIDDEN": (
        Fault(kind="status", status=403),
        "Fastly does not allow the key of this account to read invoices.",
        "The operator of this service gives the key the permission to read invoices.",
    ),
    "RATE_LIMITED": (
        Fault(kind="status", status=429),
        "Fastly allows no more requests at the moment.",
        "Try again in a minute. A shorter period needs fewer requests.",
    ),
    "UNINTELLIGIBLE": (
        Fault(kind="garbage"),
        "Fastly sent a response that this service cannot read.",
        "Report it to the operator of this service: the API of the provider may have changed.",
    ),
    "UNAVAILABLE": (
        Fault(kind="reset"),
        "Fastly could not be reached, or returned an error.",
        "Try again in some minutes. If it lasts, ask the provider.",
    ),
}


def card(console: Console, name: str) -> Locator:
    return console.page.get_by_role("region", name=name, exact=True)


async def test_account_shows_its_facts_and_leads_to_its_invoices() -> None:
    async with open_console("accounts") as console:
        accounts = (await console.service.data(REFERENCES))["accounts"]
        for account in accounts:
            region = card(console, account["name"])
            await expect(region).to_contain_text(account["provider"]["name"])
            await expect(region).to_contain_text("Healthy")
            await expect(region).to_contain_text("simulated")
            await expect(region).to_contain_text(account["reference"])
            await expect(region).to_contain_text(account["id"])
            await expect(region).to_contain_text(f"Invoices{account['invoices']['totalCount']}", use_inner_text=False)
            await expect(region).to_contain_text("October 2026")
        await expect(card(console, "Palette (sandbox)")).to_contain_text("has no list of invoices")
        await expect(console.page.get_by_text("3 accounts, all simulated. None is failing.")).to_be_visible()
        await card(console, "Fastly (sandbox)").get_by_role("link", name="Invoices").click()

        await expect(console.page).to_have_url(f"{console.url}invoices?accounts=fastly%2Fsandbox-fastly&period=all")
        await expect(console.rows).to_have_count(36)
        console.visit.assert_clean()


async def test_each_failure_has_its_cause_and_the_next_step() -> None:
    async with open_console("accounts", NO_CACHE_NO_RETRY) as console:
        fastly = card(console, "Fastly (sandbox)")
        await expect(fastly).to_contain_text("Healthy")
        faults = console.service.control("fastly").faults
        for code, (fault, cause, step) in STEPS.items():
            faults[:] = [fault]
            await console.page.reload()
            await expect(fastly.get_by_text(code, exact=True)).to_be_visible()
            await expect(fastly.get_by_text(cause)).to_be_visible()
            await expect(fastly.get_by_text(step)).to_be_visible()
            await expect(fastly).to_contain_text("Failing")
            await expect(fastly.get_by_role("button", name="Try again")).to_have_count(1)
        await expect(card(console, "Archera (sandbox)")).to_contain_text("Healthy")
        await expect(console.page.get_by_text("Failing: Fastly (sandbox).")).to_be_visible()
        console.visit.assert_clean()


async def test_account_that_can_be_read_again_is_healthy_again() -> None:
    async with open_console(START, NO_CACHE_NO_RETRY) as console:
        faults = console.service.control("fastly").faults
        faults.append(Fault(kind="status", status=503))
        await console.open("accounts")
        fastly = card(console, "Fastly (sandbox)")
        await expect(fastly).to_contain_text("Failing")
        await expect(fastly).to_contain_text("none since the service started")
        faults.clear()
        await fastly.get_by_role("button", name="Try again").click()

        await expect(fastly).to_contain_text("Healthy")
        await expect(fastly).to_contain_text("October 2026")
        await expect(fastly.get_by_text("UNAVAILABLE")).to_have_count(0)
        console.visit.assert_clean()


async def test_stale_account_says_from_when_its_data_is() -> None:
    settings = DEFAULT_CACHING | {"freshness": CacheTtl(settled=0, invoice=0, list=0)}
    async with open_console("accounts", settings) as console:
        fastly = card(console, "Fastly (sandbox)")
        await expect(fastly).to_contain_text("October 2026")
        console.service.control("fastly").faults.append(Fault(kind="status", status=503))
        await console.page.reload()

        await expect(fastly).to_contain_text("An earlier state is shown. It was read ")
        await expect(fastly).to_contain_text("October 2026")
        console.visit.assert_clean()


async def test_slow_account_delays_only_its_own_facts() -> None:
    async with open_console(START, NO_CACHE_NO_RETRY) as console:
        console.service.control("fastly").faults.append(Fault(kind="hang"))
        await console.open("accounts")

        await expect(card(console, "Archera (sandbox)")).to_contain_text("October 2026")
        await expect(card(console, "Fastly (sandbox)")).to_contain_text("being read")
        assert console.service.control("fastly").in_flight >= 1
