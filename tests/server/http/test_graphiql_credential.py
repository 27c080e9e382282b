"""GraphiQL asks for a key if the service wants one, uses it for everything, and keeps it in memory only."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.browser import Visit, needs_browser, open_page
from tests.harness import Service
from tests.streams.clients import wait_for_polls
from tests.views.callers import FASTLY, key_of, read, service_with_callers
from tests.views.test_views import SUBSCRIPTIONS

from .test_graphiql import write

LABEL = "This service needs an API key or a token."


@pytest.fixture
async def protected() -> AsyncIterator[Service]:
    async with service_with_callers({"one": read(FASTLY)}, subscriptions=SUBSCRIPTIONS) as service:
        yield service


async def enter(visit: Visit, credential: str) -> None:
    await visit.page.get_by_label(LABEL).fill(credential)
    await visit.page.get_by_role("button", name="Use").click()
    await expect(visit.page.get_by_label(LABEL)).to_have_count(0)


async def run(visit: Visit, query: str) -> None:
    await write(visit.page, query)
    await visit.page.get_by_role("button", name="Execute query").click()


@needs_browser
async def test_a_key_is_asked_for_and_used(protected: Service) -> None:
    async with open_page(f"{protected.url}/graphql") as visit:
        await enter(visit, key_of("one"))
        await run(visit, "{ accounts { id } }")

        await expect(visit.page.locator(".graphiql-response .view-lines")).to_contain_text(f'"id": "{FASTLY}"')
        await visit.page.get_by_role("button", name="Show GraphiQL Explorer").click()
        await expect(visit.page.locator(".graphiql-explorer-root")).to_contain_text("monthToDate")


@needs_browser
async def test_a_wrong_key_is_asked_for_again(protected: Service) -> None:
    async with open_page(f"{protected.url}/graphql") as visit:
        await visit.page.get_by_label(LABEL).fill(key_of("other"))
        await visit.page.get_by_role("button", name="Use").click()
        await expect(visit.page.get_by_label(LABEL)).to_have_value("")
        await enter(visit, key_of("one"))


@needs_browser
async def test_a_key_is_used_for_subscriptions(protected: Service) -> None:
    async with open_page(f"{protected.url}/graphql") as visit:
        await enter(visit, key_of("one"))
        await run(visit, "subscription { invoiceChanged { kind invoice { id } } }")
        await wait_for_polls(protected, "fastly")
        new_invoice = protected.api("fastly").post_invoice()

        await expect(visit.page.locator(".graphiql-response .view-lines")).to_contain_text(new_invoice)


@needs_browser
async def test_a_key_stays_in_memory(protected: Service) -> None:
    async with open_page(f"{protected.url}/graphql") as visit:
        await enter(visit, key_of("one"))
        await run(visit, "{ accounts { id } }")
        await expect(visit.page.locator(".graphiql-response .view-lines")).to_contain_text(FASTLY)
        kept = await visit.page.evaluate(
            "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])"
        )
        assert key_of("one") not in kept + visit.page.url

        await visit.page.reload()
        await expect(visit.page.get_by_label(LABEL)).to_have_count(1)


@needs_browser
async def test_an_open_service_asks_for_no_key(service: Service) -> None:
    async with open_page(f"{service.url}/graphql") as visit:
        await run(visit, "{ accounts { id } }")

        await expect(visit.page.locator(".graphiql-response .view-lines")).to_contain_text(FASTLY)
        await expect(visit.page.get_by_label(LABEL)).to_have_count(0)
    visit.assert_clean()
