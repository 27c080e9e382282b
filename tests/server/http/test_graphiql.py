"""GraphiQL in a real browser with every other host out of reach, and its example queries over HTTP."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.async_api import Page, expect

from tests.browser import Visit, needs_browser, visiting
from tests.streams.clients import looked_at, watching

FILES = sorted((Path(__file__).parents[3] / "graphiql/examples").glob("*.graphql"))
EXAMPLES = [pytest.param(file.read_text(), id=file.stem) for file in FILES]
QUERIES = "".join(file.read_text() for file in FILES)

# Both clicks in the page, so that the second comes within the moment in question.
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
    async with visiting(f"{service.url}/graphql") as visit:
        yield visit


async def write(page: Page, query: str) -> None:
    """The query in a tab of its own."""
    editor = page.locator(".graphiql-query-editor .view-lines")
    await expect(editor).to_contain_text("query")
    await page.get_by_role("button", name="New tab").click()
    await expect(editor).to_have_text("")
    await editor.click()
    await page.keyboard.type(query)


@needs_browser
async def test_a_query_typed_into_graphiql_is_answered_with_every_other_host_out_of_reach(visit: Visit) -> None:
    await write(visit.page, "{ providers { id } }")
    await visit.page.get_by_role("button", name="Execute query").click()

    answer = visit.page.locator(".graphiql-response .view-lines")
    for provider in ("archera", "fastly", "spectrocloud"):
        await expect(answer).to_contain_text(f'"id": "{provider}"')
    visit.assert_clean()


@needs_browser
async def test_a_tab_that_is_run_as_soon_as_it_is_opened_runs_its_own_operation(visit: Visit) -> None:
    await expect(visit.page.locator(".graphiql-query-editor .view-lines")).to_contain_text("query")
    await visit.page.evaluate(OPEN_AND_RUN, "Credits")

    await expect(visit.page.locator(".graphiql-response .view-lines")).to_contain_text('"credits": {')
    visit.assert_clean()


@needs_browser
async def test_the_prettify_button_lays_a_query_out(visit: Visit) -> None:
    await write(visit.page, "{providers{id}}")
    await visit.page.get_by_role("button", name="Prettify query").click()

    await expect(visit.page.locator(".graphiql-query-editor .view-line")).to_have_count(6)
    visit.assert_clean()


@needs_browser
async def test_the_explorer_offers_what_can_be_asked(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Show GraphiQL Explorer").click()

    await expect(visit.page.locator(".graphiql-explorer-root")).to_contain_text("monthToDate")
    visit.assert_clean()


@needs_browser
async def test_graphiql_opens_with_the_examples_as_tabs_in_the_order_of_their_files(visit: Visit) -> None:
    names = re.findall(r"^query (\w+)", QUERIES, re.MULTILINE)

    await expect(visit.page.locator(".graphiql-tab-button")).to_have_text(names)
    await expect(visit.page).to_have_title("Invoicegraph")
    visit.assert_clean()


@pytest.mark.parametrize("example", EXAMPLES)
async def test_an_example_runs_as_it_stands(service: Service, example: str) -> None:
    answer = await service.query(example)

    assert "errors" not in answer
    assert answer["data"]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_says_in_one_or_two_lines_what_it_shows(example: str) -> None:
    comment, _query, _rest = example.partition("query ")

    assert re.fullmatch(r"(# .+\n){1,2}", comment)


@needs_browser
async def test_a_subscription_shows_what_changes() -> None:
    async with watching() as service, visiting(f"{service.url}/graphql") as visit:
        await write(visit.page, "subscription { invoiceChanged { kind invoice { id } } }")
        await visit.page.get_by_role("button", name="Execute query").click()
        await looked_at(service, "fastly")
        posted = service.api("fastly").post_invoice()

        await expect(visit.page.locator(".graphiql-response .view-lines")).to_contain_text(posted)
    visit.assert_clean()
