"""GraphQL over HTTP: methods, addresses, media types, and what the audits of its draft say."""

import json
import re

import pytest

from tests import node
from tests.harness import Service
from tests.server.wire import errors

GRAPHQL_JSON = "application/graphql-response+json"


async def test_a_query_may_be_asked_by_get(service: Service) -> None:
    query = {"query": "query A { __typename } query B { providers { id } }", "operationName": "A", "variables": "{}"}
    answered = await service.client.get("/graphql", params=query)

    assert (answered.status_code, answered.json()) == (200, {"data": {"__typename": "Query"}})


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_another_method_is_refused(service: Service, method: str) -> None:
    response = await service.client.request(method, "/graphql")

    assert (response.status_code, set(response.headers["allow"].split(", "))) == (405, {"GET", "POST"})
    assert response.headers["content-type"] == "application/json"
    if method != "HEAD":
        assert errors(response) == [("BAD_USER_INPUT", "This address does not take that method.")]


@pytest.mark.parametrize(
    "path",
    ["/", "/nothing", "/graphql/", "/graphiql", "/graphiql/", "/graphiql/a.js", "/graphiql/%00", "/graphiql/..%2fx"],
)
async def test_another_address_is_answered_with_where_the_graph_is(service: Service, path: str) -> None:
    response = await service.client.get(path)

    assert response.status_code == 404
    assert errors(response) == [("BAD_USER_INPUT", "There is nothing at this address: the graph is at /graphql.")]


async def test_graphiql_runs_under_a_policy_that_lets_no_other_host_in(service: Service) -> None:
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
    ],
)
async def test_the_media_type_is_negotiated_and_the_status_follows_it(
    service: Service, accept: str, media_type: str, status: int
) -> None:
    response = await service.post({"query": "{ pay }"}, accept=accept)

    assert (response.headers["content-type"], response.status_code) == (media_type, status)
    assert (await service.post({"query": "{ __typename }"}, accept=accept)).status_code == 200


async def test_every_audit_of_graphql_over_http_passes(service: Service) -> None:
    results = json.loads(await node.run("audits.mjs", f"{service.url}/graphql"))

    assert len(results) == 61
    assert [result for result in results if result["status"] != "ok"] == []


async def test_a_request_id_is_echoed_when_it_has_the_form_of_one(service: Service) -> None:
    async def echoed(given: str) -> str:
        return (await service.post({"query": "{ __typename }"}, **{"X-Request-Id": given})).headers["x-request-id"]

    assert await echoed("web-7.2026_11") == "web-7.2026_11"
    for odd in ("", "a b", "a" * 65, "<script>", "a\tb"):
        assert re.fullmatch("[0-9a-f]{32}", await echoed(odd))
