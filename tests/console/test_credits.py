"""The page of credits: what is left and until when, filters in the address, and what is not known."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from providers.sandbox import Fault
from tests.browser import needs_browser
from tests.harness import NO_CACHE_NO_RETRY, NOW, Service

from .console import START, Console, open_console
from .reading import money, month, rows_of, written

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]

UNAVAILABLE = Fault(kind="status", status=503)
KINDS = {"FREE": "Free use", "SLA": "Service level", "COUPON": "Coupon", "REBATE": "Rebate"}
CREDITS = """query ($states: [CreditState!], $asOf: DateTime!) {
  credits(first: 200, filterBy: { states: $states, asOf: $asOf }) { nodes {
    kind product description reference expiresAt state(asOf: $asOf) account { name } invoice { period { start } }
    value { ...Amount } used { ...Amount } remaining { ...Amount } } } }
fragment Amount on CreditValue { ... on Money { amount currency } ... on Quantity { amount unit } }"""


async def credits_of(service: Service, states: list[str] | None = None) -> list[dict[str, Any]]:
    data = await service.data(CREDITS, {"states": states, "asOf": NOW.isoformat()})
    found: list[dict[str, Any]] = data["credits"]["nodes"]
    return found


def value_text(value: Any) -> str:
    return money(value) if value is None or "currency" in value else written(value["amount"], value["unit"])


def balance_row(credit: dict[str, Any]) -> list[str]:
    return [
        f"{credit['description']} {KINDS[credit['kind']]} for {credit['product']}",
        f"{credit['account']['name']} simulated",
        *(value_text(credit[name]) for name in ("value", "used", "remaining")),
        month(credit["invoice"]["period"]["start"]),
    ]


async def shown(console: Console, title: str) -> list[list[str]]:
    region = console.page.get_by_role("region", name=title)
    await expect(region.get_by_role("table")).to_be_visible()
    return await rows_of(region)


async def test_what_can_be_used_is_exact_and_the_first_end_comes_first() -> None:
    async with open_console("credits") as console:
        expected = await credits_of(console.service, ["ACTIVE", "NOT_STARTED"])
        expected.sort(key=lambda credit: credit["expiresAt"] or "none")
        rows = await shown(console, "Can be used")

        assert [row[:2] + row[3:] for row in rows] == [balance_row(credit) for credit in expected]
        assert [row[2] for row in rows[:3]] == ["Dec 31, 2026 39 days left"] * 2 + ["no end stated"]
        soon = console.page.locator(".stat", has_text="End within 90 days")
        await expect(soon).to_contain_text(
            re.compile(r"2\s*next on Dec 31, 2026: 4,000 core-hours for Alloy, 15,000 core-hours for Pure")
        )
        over = await shown(console, "Used up or expired")
        assert [row[2] for row in over] == [f"Dec 31, {year} Expired" for year in (2025, 2025, 2024, 2023)]
        console.visit.assert_clean()


async def test_coupons_and_rebates_have_a_value_in_money_and_no_balance() -> None:
    async with open_console("credits?states=NOT_STATED") as console:
        expected = [credit for credit in await credits_of(console.service) if credit["state"] is None]
        await console.page.get_by_role("button", name="Show more credits").click()
        await expect(console.rows).to_have_count(len(expected))
        await expect(console.page.get_by_role("button", name="more")).to_have_count(0)
        rows = await shown(console, "Without a balance")

        assert [(row[2], row[3]) for row in rows] == [
            (month(credit["invoice"]["period"]["start"]), money(credit["value"])) for credit in expected
        ]
        assert {row[3][:3] for row in rows} == {"USD"}
        assert rows[0][0] == f"Rebate {expected[0]['reference']}"
        await expect(console.page.get_by_role("region", name="Can be used")).to_have_count(0)
        console.visit.assert_clean()


async def test_filters_are_in_the_address_and_the_back_button_restores_them() -> None:
    async with open_console("credits") as console:
        await expect(console.rows.first).to_be_visible()
        await console.choose("Kind", "Service level")
        await expect(console.page).to_have_url(f"{console.url}credits?kinds=SLA")
        await expect(console.rows.filter(has_text="Free use")).to_have_count(0)
        await console.choose("State", "Expired")
        await expect(console.page.get_by_text("No credits match these filters.")).to_be_visible()
        await console.page.go_back()
        await expect(console.rows.filter(has_text="Service level")).to_have_count(9)
        await console.page.get_by_role("button", name="Clear", exact=True).click()
        await expect(console.rows.filter(has_text="Free use")).to_have_count(6)
        await expect(console.page).to_have_url(f"{console.url}credits")

        await console.rows.first.get_by_role("link").click()
        await expect(console.title).to_have_text(re.compile("October 2026"))
        console.visit.assert_clean()


async def test_slow_account_delays_only_the_credits_that_need_it() -> None:
    async with open_console(START, NO_CACHE_NO_RETRY) as console:
        archera = console.service.control("archera")
        archera.faults.append(Fault(kind="hang"))
        await console.open("credits")

        assert len(await shown(console, "Can be used")) == 11
        await expect(console.page.get_by_role("region", name="Without a balance")).to_have_attribute(
            "aria-busy", "true"
        )
        assert archera.in_flight == 1


async def test_missing_account_is_neither_none_nor_zero() -> None:
    async with open_console(START, NO_CACHE_NO_RETRY) as console:
        console.service.control("spectrocloud").faults.append(UNAVAILABLE)
        await console.open("credits")

        await expect(console.page.get_by_text("Palette (sandbox) is missing.")).to_be_visible()
        await expect(console.page.locator(".stat", has_text="Can be used")).to_contain_text("not known")
        for title in ("Can be used", "Used up or expired"):
            region = console.page.get_by_role("region", name=title)
            await expect(region).to_contain_text(
                "Not known, because these accounts could not be read: Palette (sandbox)."
            )
        await expect(console.rows.filter(has_text="Coupon")).to_have_count(3)
        for provider in ("archera", "fastly"):
            console.service.control(provider).faults.append(UNAVAILABLE)
        await console.page.reload()
        await expect(console.page.get_by_text("The credits are not known: no account could be read.")).to_be_visible()
        console.visit.assert_clean()
