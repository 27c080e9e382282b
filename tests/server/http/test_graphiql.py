"""GraphiQL in a real browser that cannot reach other hosts, and its example queries over HTTP."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.async_api import Page, expect

from tests.browser import Visit, needs_browser, open_page
from tests.streams.clients import polling_service, wait_for_polls

FILES = sorted((Path(__file__).parents[3] / "graphiql/examples").glob("*.graphql"))
EXAMPLES = [pytest.param(file.read_text(), id=file.stem) for file in FILES]
QUERIES = "".join(file.read_text() for file in FILES)

# Both clicks happen inside the page, so that the second one follows the first within 20 ms.
OPEN_AND_RUN = """async (name) => {
  [...document.querySelectorAll(".graphiql-tab-button")].find((tab) => tab.textContent === name).click();
  await new Promise((resolve) => setTimeout(resolve, 20));
  document.querySelector(".graphiql-execute-button").click();
}"""


class Service(Protocol):
    url: str

    async def query(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]: ...


@pytest.fixture
async def visit(service: Service) -> AsyncIterator[Visit]:
    async with open_page(f"{service.url}/graphql") as visit:
        yield visit


async def write(page: Page, query: str) -> None:
    """Type a query into a new tab."""
    editor = page.locator(".graphiql-query-editor .view-lines")
    await expect(editor).to_contain_text("query")
    await page.get_by_role("button", name="New tab").click()
    await expect(editor).to_have_text("")
    await editor.click()
    await page.keyboard.type(query)


@needs_browser
async def test_typed_query_runs_without_other_hosts(visit: Visit) -> None:
    await write(visit.page, "{ providers { id } }")
    await visit.page.get_by_role("button", name="Execute query").click()

    response = visit.page.locator(".graphiql-response .view-lines")
    for provider in ("archera", "fastly", "spectrocloud"):
        await expect(response).to_contain_text(f'"id": "{provider}"')
    visit.assert_clean()


@needs_browser
async def test_new_tab_runs_its_own_operation(visit: Visit) -> None:
    await expect(visit.page.locator(".graphiql-query-editor .view-lines")).to_contain_text("query")
    await visit.page.evaluate(OPEN_AND_RUN, "Credits")

    await expect(visit.page.locator(".graphiql-response .view-lines")).to_contain_text('"credits": {')
    visit.assert_clean()


@needs_browser
async def test_prettify_formats_the_query(visit: Visit) -> None:
    await write(visit.page, "{providers{id}}")
    await visit.page.get_by_role("button", name="Prettify query").click()

    await expect(visit.page.locator(".graphiql-query-editor .view-line")).to_have_count(6)
    visit.assert_clean()


@needs_browser
async def test_explorer_lists_the_fields(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Show GraphiQL Explorer").click()

    await expect(visit.page.locator(".graphiql-explorer-root")).to_contain_text("monthToDate")
    visit.assert_clean()


@needs_browser
async def test_examples_open_as_tabs_in_file_order(visit: Visit) -> None:
    names = re.findall(r"^query (\w+)", QUERIES, re.MULTILINE)

    await expect(visit.page.locator(".graphiql-tab-button")).to_have_text(names)
    await expect(visit.page).to_have_title("Invoicegraph")
    visit.assert_clean()


@pytest.mark.parametrize("example", EXAMPLES)
async def test_example_query_runs(service: Service, example: str) -> None:
    response = await service.query(example)

    assert "errors" not in response
    assert response["data"]


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_has_a_short_comment(example: str) -> None:
    comment, _query, _rest = example.partition("query ")

    assert re.fullmatch(r"(# .+\n){1,2}", comment)


@needs_browser
async def test_subscription_shows_a_new_invoice() -> None:
    async with polling_service() as service, open_page(f"{service.url}/graphql") as visit:
        await write(visit.page, "subscription { invoiceChanged { kind invoice { id } } }")
        await visit.page.get_by_role("button", name="Execute query").click()
        await wait_for_polls(service, "fastly")
        new_invoice = service.api("fastly").post_invoice()

        await expect(visit.page.locator(".graphiql-response .view-lines")).to_contain_text(new_invoice)
    visit.assert_clean()
