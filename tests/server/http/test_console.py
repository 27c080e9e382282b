"""The console at / and at the addresses of its parts, its files, and what clients without a page get."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from server.http.console import Console
from tests.harness import Service, running_service
from tests.server.wire import error_codes_and_messages

from .console_files import PAGE, SCRIPT, write_console

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PARTS = ["/invoices", "/invoice?id=a", "/spend", "/credits", "/projects", "/project?id=a", "/accounts"]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ONE_LINE = '{"service":"Invoicegraph","graphql":"/graphql"}'
MISSING = [("BAD_USER_INPUT", "This URL does not exist. Send GraphQL requests to /graphql.")]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with running_service(console_page=write_console(tmp_path)) as instance:
        yield instance


async def browse(service: Service, path: str, **headers: str) -> httpx.Response:
    return await service.client.get(path, headers={"Accept": BROWSER, **headers})


@pytest.mark.parametrize("path", ["/", *PARTS])
async def test_browsers_get_the_page_at_every_address(service: Service, path: str) -> None:
    response = await browse(service, path)

    assert (response.status_code, response.text) == (200, PAGE)
    expected = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": POLICY,
        "cache-control": "no-cache",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "vary": "Accept, Accept-Encoding",
    }
    assert {name: response.headers.get(name) for name in expected} == expected


async def test_an_unchanged_page_is_not_sent_again(service: Service) -> None:
    etag = (await browse(service, "/")).headers["etag"]
    again = await browse(service, "/invoices", **{"If-None-Match": f'"other", {etag}'})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)


async def test_a_new_build_is_served_at_once(service: Service, tmp_path: Path) -> None:
    etag = (await browse(service, "/")).headers["etag"]
    (tmp_path / "index.html").write_text("<title>New</title>")
    again = await browse(service, "/", **{"If-None-Match": etag})

    assert (again.status_code, again.text) == (200, "<title>New</title>")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html;q=0", ""])
async def test_other_clients_learn_where_the_api_is(service: Service, accept: str) -> None:
    root = await service.client.get("/", headers={"Accept": accept})
    part = await service.client.get("/invoices", headers={"Accept": accept})

    assert (root.status_code, root.headers["content-type"], root.text) == (200, "application/json", ONE_LINE)
    assert (part.status_code, part.headers["vary"]) == (406, "Accept")
    assert error_codes_and_messages(part) == [
        ("BAD_USER_INPUT", "This URL is a page for browsers. Send GraphQL requests to /graphql.")
    ]


@pytest.mark.parametrize("path", ["/", "/invoices", "/console/index-A1a1.js"])
async def test_pages_are_read_only(service: Service, path: str) -> None:
    head = await service.client.head(path, headers={"Accept": BROWSER})
    post = await service.client.post(path, json={"query": "{ providers { id } }"})

    assert (head.status_code, head.content) == (200, b"")
    assert (post.status_code, set(post.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})


@pytest.mark.parametrize(("path", "has_page"), [("/nowhere", True), ("/invoices/", False), ("/console/old.js", False)])
async def test_browsers_get_the_page_of_unknown_addresses(service: Service, path: str, has_page: bool) -> None:
    browser, program = await browse(service, path), await service.client.get(path)

    assert (browser.status_code, browser.text == PAGE) == (404, has_page)
    assert (program.status_code, error_codes_and_messages(program)) == (404, MISSING)


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
async def test_files_are_compressed_and_kept_by_browsers(service: Service, encoding: str) -> None:
    responses = [
        await service.client.get("/console/index-A1a1.js", headers={"Accept-Encoding": encoding}) for _ in range(2)
    ]

    expected = {
        "content-type": "text/javascript; charset=utf-8",
        "content-security-policy": POLICY,
        "cache-control": "public, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
        "vary": "Accept-Encoding",
    }
    for response in responses:
        assert (response.status_code, response.text) == (200, SCRIPT)
        assert response.headers.get("content-encoding", "identity") == encoding
        assert (int(response.headers["content-length"]) < len(SCRIPT)) == (encoding != "identity")
        assert {name: response.headers.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    "name",
    [
        "",
        "index-C3c3.js",
        ".hidden",
        "..%2findex.html",
        "../index.html",
        "%2fetc%2fpasswd",
        "%00",
        "folder/a.js",
        "folder",
    ],
)
async def test_only_files_of_the_page_are_served(service: Service, tmp_path: Path, name: str) -> None:
    (tmp_path / "console/folder").mkdir()
    (tmp_path / "console/folder/a.js").touch()
    (tmp_path / "console/.hidden").touch()
    response = await service.client.get(f"/console/{name}")

    assert (response.status_code, error_codes_and_messages(response)) == (404, MISSING)


async def test_without_a_build_browsers_are_led_to_graphiql(tmp_path: Path) -> None:
    async with running_service(console_page=Console(tmp_path / "nothing")) as service:
        response, part = await browse(service, "/"), await browse(service, "/invoices")
        page = await service.client.get("/", headers={"Accept": BROWSER}, follow_redirects=True)

    assert (response.status_code, response.headers["location"], response.headers["vary"]) == (307, "graphql", "Accept")
    assert (page.status_code, page.url.path, 'id="graphiql"' in page.text) == (200, "/graphql", True)
    assert (part.status_code, error_codes_and_messages(part)) == (404, MISSING)


async def test_the_console_can_be_disabled(tmp_path: Path) -> None:
    async with running_service(console_page=write_console(tmp_path), console=False) as service:
        root = await browse(service, "/")
        others = [await browse(service, path) for path in [*PARTS, "/nowhere", "/console/index-A1a1.js"]]

    assert (root.status_code, root.text) == (200, ONE_LINE)
    assert [(response.status_code, error_codes_and_messages(response)) for response in others] == [(404, MISSING)] * 9
