"""GraphQL over HTTP: methods, URLs, media types, and the audits of the draft specification."""

import json
import re

import pytest

from tests import node
from tests.harness import Service
from tests.server.wire import error_codes_and_messages

GRAPHQL_JSON = "application/graphql-response+json"


async def test_get_runs_a_query(service: Service) -> None:
    query = {"query": "query A { __typename } query B { providers { id } }", "operationName": "A", "variables": "{}"}
    response = await service.get(query)

    assert (response.status_code, response.json()["data"]) == (200, {"__typename": "Query"})


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_rejected(service: Service, method: str) -> None:
    response = await service.client.request(method, "/graphql")

    assert (response.status_code, set(response.headers["allow"].split(", "))) == (405, {"GET", "POST"})
    assert response.headers["content-type"] == "application/json"
    message = (
        "This URL does not support the HTTP method of the request. Send GraphQL requests to /graphql by GET or POST."
    )
    if method != "HEAD":
        assert error_codes_and_messages(response) == [("BAD_USER_INPUT", message)]


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/graphql/", "/graphiql", "/graphiql/", "/graphiql/a.js", "/graphiql/%00", "/graphiql/..%2fx"],
)
async def test_other_urls_are_404(service: Service, path: str) -> None:
    response = await service.client.get(path)

    assert response.status_code == 404
    assert error_codes_and_messages(response) == [
        ("BAD_USER_INPUT", "This URL does not exist. Send GraphQL requests to /graphql.")
    ]


async def test_graphiql_csp_allows_no_other_host(service: Service) -> None:
    page = await service.client.get("/graphql", headers={"Accept": "text/html,*/*;q=0.8"})
    script = await service.client.get("/graphiql/assets/app.js")

    for response in (page, script):
        policy = dict(part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";"))
        assert response.status_code == 200
        assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
        assert policy["frame-ancestors"] == "'none'"
    assert page.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "media_type", "status"),
    [
        ("*/*", "application/json", 200),
        ("application/json", "application/json", 200),
        (GRAPHQL_JSON, GRAPHQL_JSON, 400),
        (f"{GRAPHQL_JSON}, application/json;q=0.9", GRAPHQL_JSON, 400),
        (f"application/json, {GRAPHQL_JSON};q=0.5", "application/json", 200),
        (f"application/json, {GRAPHQL_JSON};q=0", "application/json", 200),
        (f"application/json, {GRAPHQL_JSON.upper()}; charset=utf-8", GRAPHQL_JSON, 400),
        ("text/html;q=x, ;;,=", "application/json", 200),
        (f"{GRAPHQL_JSON};q=0.9;profile=x, application/json;q=0.8", GRAPHQL_JSON, 400),
        (f"{GRAPHQL_JSON};q=0.5, application/json;q=x", "application/json", 200),
    ],
)
async def test_media_type_and_status_follow_accept(service: Service, accept: str, media_type: str, status: int) -> None:
    response = await service.post({"query": "{ pay }"}, accept=accept)

    assert (response.headers["content-type"], response.status_code) == (media_type, status)
    assert (await service.post({"query": "{ __typename }"}, accept=accept)).status_code == 200


async def test_all_graphql_over_http_audits_pass(service: Service) -> None:
    results = json.loads(await node.run_script("audits.mjs", f"{service.url}/graphql"))

    assert len(results) == 61
    assert [result for result in results if result["status"] != "ok"] == []


async def test_well_formed_request_id_is_echoed(service: Service) -> None:
    async def echo(request_id: str) -> str:
        return (await service.post({"query": "{ __typename }"}, **{"X-Request-Id": request_id})).headers["x-request-id"]

    assert await echo("web-7.2026_11") == "web-7.2026_11"
    for odd in ("", "a b", "a" * 65, "<script>", "a\tb"):
        assert re.fullmatch("[0-9a-f]{32}", await echo(odd))
