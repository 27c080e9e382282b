"""examples/web over a service that authenticates its callers."""

import pytest
from playwright.async_api import expect

from tests.browser import needs_browser
from tests.views.callers import FASTLY, access_of, key_of, read

from .web import open_example

pytestmark = [needs_browser, pytest.mark.usefixtures("built")]


async def test_the_page_asks_for_a_key_and_shows_its_accounts() -> None:
    async with open_example(access=access_of({"one": read(FASTLY)})) as example:
        page = example.page
        await page.get_by_label("API key or token").fill(key_of("other"))
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_label("API key or token")).to_have_value("")
        await page.get_by_label("API key or token").fill(key_of("one"))
        await page.get_by_role("button", name="Sign in").click()

        await expect(page.get_by_label("API key or token")).to_have_count(0)
        await expect(example.rows).to_have_count(20)
        await expect(example.account("Fastly")).to_have_count(1)
        await expect(example.account("Archera")).to_have_count(0)
        kept = await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])")
        assert key_of("one") not in kept + page.url


async def test_the_page_asks_for_no_key_of_an_open_service() -> None:
    async with open_example() as example:
        await expect(example.rows).to_have_count(20)
        await expect(example.page.get_by_label("API key or token")).to_have_count(0)
        example.visit.assert_clean()
