"""The console's page in a real browser: its content security policy, a prefix of a proxy, and files with a key."""

from pathlib import Path

from playwright.async_api import expect

from resolvers.grants import Grants
from schema.scopes import Scope
from tests.browser import needs_browser, open_page
from tests.proxy import stripping_proxy
from tests.views.callers import FASTLY, key_of, service_with_callers

from .console_files import write_console

CALLERS = {"one": Grants(frozenset({FASTLY}), frozenset({Scope.INVOICES_READ, Scope.EXPORT}))}


@needs_browser
async def test_a_signed_in_page_below_a_prefix_reads_the_graph_and_downloads_files(tmp_path: Path) -> None:
    async with (
        service_with_callers(CALLERS, console_page=write_console(tmp_path)) as service,
        stripping_proxy(service.url, "/finance/invoices") as url,
        open_page("about:blank") as visit,
    ):
        async with visit.page.expect_download() as downloading:
            await visit.page.goto(f"{url}/invoices?search=x#{key_of('one')}")
        download = await downloading.value
        await download.save_as(tmp_path / "file.csv")
        await expect(visit.page.locator("output")).to_have_text(FASTLY)
        await expect(visit.page.locator("output")).to_have_css("color", "rgb(1, 2, 3)")
        title = await visit.page.title()

    assert download.suggested_filename == "invoices_2026-10_2026-10.csv"
    assert FASTLY in (tmp_path / "file.csv").read_text()
    assert (title, visit.external_requests) == ("Console", [])
    [blocked] = visit.console_messages
    assert "Executing inline script violates" in blocked
