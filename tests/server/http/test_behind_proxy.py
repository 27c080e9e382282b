"""GraphiQL behind a reverse proxy that strips a prefix, in a real browser."""

from playwright.async_api import expect

from tests.browser import needs_browser, open_page
from tests.proxy import stripping_proxy
from tests.server.http.test_graphiql import write
from tests.streams.clients import polling_service, wait_for_polls

SUBSCRIPTION = "subscription { invoiceChanged { kind invoice { id } } }"


@needs_browser
async def test_graphiql_runs_below_a_prefix() -> None:
    async with polling_service() as service, stripping_proxy(service.url, "/finance/invoices") as url:
        async with open_page(f"{url}/graphql") as visit:
            response = visit.page.locator(".graphiql-response .view-lines")
            await write(visit.page, "query { providers { id } }")
            await visit.page.get_by_role("button", name="Execute query").click()
            await expect(response).to_contain_text('"id": "fastly"')

            await write(visit.page, SUBSCRIPTION)
            await visit.page.get_by_role("button", name="Execute query").click()
            await wait_for_polls(service, "fastly")
            new_invoice = service.api("fastly").post_invoice()
            await expect(response).to_contain_text(new_invoice)
        visit.assert_clean()
