"""A real browser: a link on another site downloads the file, and that site's page cannot read it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page
from starlette.responses import HTMLResponse

from providers.sandbox import serve
from tests.browser import needs_browser, open_page
from tests.harness import Service

PATH = "/export/invoices.csv?periodFrom=2026-10-01"
FETCH = "async (url) => { try { return (await fetch(url, MODE)).status } catch (error) { return error.name } }"


@asynccontextmanager
async def other_site(target: str) -> AsyncIterator[Page]:
    """Open a page of another origin with a link to `target`."""
    page = HTMLResponse(f'<title>Other</title><a href="{target}">the file</a><iframe src="{target}"></iframe>')
    async with serve(page) as url, open_page(url) as visit:
        yield visit.page


@needs_browser
async def test_a_clicked_link_downloads_the_file(service: Service, tmp_path: Path) -> None:
    async with other_site(f"{service.url}{PATH}") as page:
        async with page.expect_download() as downloading:
            await page.get_by_role("link").click()
        download = await downloading.value
        await download.save_as(tmp_path / "file.csv")
        name = download.suggested_filename

    expected = (await service.client.get(PATH)).text.splitlines()
    assert name == "invoices_2026-10_2026-10.csv"
    assert (tmp_path / "file.csv").read_text().splitlines()[0] == expected[0]


@needs_browser
async def test_the_page_of_another_site_reads_nothing(service: Service) -> None:
    async with other_site(f"{service.url}{PATH}") as page:
        service.reset_calls()
        plain = await page.evaluate(FETCH.replace("MODE", "{}"), f"{service.url}{PATH}")
        opaque = await page.evaluate(FETCH.replace("MODE", '{mode: "no-cors"}'), f"{service.url}{PATH}")

    assert plain == "TypeError"
    assert opaque in {0, "TypeError"}
    assert service.all_calls() == []


@needs_browser
async def test_an_address_opens_the_file(service: Service) -> None:
    async with open_page(f"{service.url}/graphql") as visit:
        async with visit.page.expect_download() as downloading:
            await visit.page.evaluate("(path) => { location.href = path }", PATH)
        name = (await downloading.value).suggested_filename

    assert name == "invoices_2026-10_2026-10.csv"
