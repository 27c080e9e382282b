"""GraphQL over HTTP: what is taken, what is refused with which words, and what nobody gets to see."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.harness import Service

JSON = {"Content-Type": "application/json"}
GRAPHQL_JSON = "application/graphql-response+json"
OBJECT = 'Send one JSON object such as {"query": "{ providers { id } }", "variables": {}, "operationName": null}.'
ACCOUNT = "query ($id: ID!) { account(id: $id) { id } node(id: $id) { id } invoice(id: $id) { id } }"
FIRST = "query ($n: Int) { invoices(first: $n) { nodes { id } } }"
ORDER = "query ($o: InvoiceOrder = NEWEST_FIRST) { invoices(orderBy: $o) { nodes { id } } }"

NOT_JSON = {
    "empty": b"",
    "half": b'{"query": ',
    "array": b'[{"query": "{ providers { id } }"}]',
    "number": b"3",
    "null": b"null",
    "text": b'"{ providers { id } }"',
    "query is a number": b'{"query": 3}',
    "variables are a list": b'{"query": "{ providers { id } }", "variables": []}',
    "not UTF-8": b'{"query": "\xff"}',
    "a lone surrogate": rb'{"query": "{ providers { id } }", "variables": {"id": "\ud800"}}',
    "NaN": b'{"query": "{ providers { id } }", "variables": {"n": NaN}}',
    "an endless number": b'{"query": "{ providers { id } }", "variables": {"n": 1e400}}',
    "deep": b"[" * 100_000,
    "deep variables": b'{"query": "{ providers { id } }", "variables": {"v": ' + b"[" * 40_000 + b"]" * 40_000 + b"}}",
}
REFUSED = {
    '{"query": ""}': "The request has no query.",
    '{"variables": {}}': "The request has no query.",
    '{"query": "{ providers { id } }", "operationName": "Ours"}': 'The document has no operation by the name "Ours".',
    '{"query": "fragment All on Query { providers { id } }"}': "The document has no operation.",
    '{"query": "query A { providers { id } } query B { providers { id } }"}': (
        "The document has several operations: name the one to run in operationName."
    ),
    '{"query": "mutation { pay }"}': "Only queries can be run here.",
    '{"query": "subscription { invoiceChanged { kind } }"}': "Only queries can be run here.",
}
DOCUMENTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("{", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
    (" ", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected <EOF>."),
    ("{ a }\0", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected character: U+0000."),
    (
        r'{ node(id: "\ud800") { id } }',
        {},
        "GRAPHQL_PARSE_FAILED",
        r"Syntax Error: Invalid Unicode escape sequence: '\ud800'.",
    ),
    ("{ a" * 20_000, {}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Document is nested too deeply. Parsing aborted."),
    ("{ pay }", {}, "GRAPHQL_VALIDATION_FAILED", "Cannot query field 'pay' on type 'Query'."),
    ("query ($x: ID) { providers { id } }", {}, "GRAPHQL_VALIDATION_FAILED", "Variable '$x' is never used."),
    (
        "query ($id: Int) { node(id: $id) { id } }",
        {},
        "GRAPHQL_VALIDATION_FAILED",
        "Variable '$id' of type 'Int' used in position expecting type 'ID!'.",
    ),
    (
        ACCOUNT,
        {},
        "BAD_USER_INPUT",
        "Variable '$id' has invalid value: Expected a value of non-null type 'ID!' to be provided.",
    ),
    (
        ACCOUNT,
        {"id": None},
        "BAD_USER_INPUT",
        "Variable '$id' has invalid value: Expected value of non-null type 'ID!' not to be null.",
    ),
    (ACCOUNT, {"id": []}, "BAD_USER_INPUT", "Variable '$id' has invalid value: ID cannot represent value: []"),
    (
        FIRST,
        {"n": 10**12},
        "BAD_USER_INPUT",
        "Variable '$n' has invalid value: Int cannot represent non 32-bit signed integer value: 1000000000000",
    ),
    (
        ORDER,
        {"o": None},
        "BAD_USER_INPUT",
        "Argument 'orderBy' has invalid value: "
        "Expected variable '$o' provided to non-null type 'InvoiceOrder!' not to be null.",
    ),
]
ODD_IDS = ["", "/", "\0", "fastly/sandbox-fastly/invoice/\0", "fastly/sandbox-fastly/invoice/%00", "💶" * 500]
ODD_IDS += [
    "fastly/sandbox-fastly/invoice/..",
    "fastly/sandbox-fastly/invoice/%ED%A0%80",
    str(10**60),
    "%",
    "a/b/c/d/e",
]


def errors(response: httpx.Response) -> list[tuple[str, str]]:
    """The code and the message of each error in an answer that is JSON."""
    assert response.headers["content-type"] == "application/json"
    return [(error["extensions"]["code"], error["message"]) for error in response.json()["errors"]]


async def send(service: Service, body: bytes | str, **headers: str) -> httpx.Response:
    return await service.client.post("/graphql", content=body, headers=JSON | headers)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/graphql", "application/x-www-form-urlencoded", None]
)
async def test_a_body_that_is_not_declared_as_json_is_refused(service: Service, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    response = await service.client.post("/graphql", content=b'{"query": "{ providers { id } }"}', headers=headers)

    assert response.status_code == 415
    assert errors(response) == [("BAD_USER_INPUT", "Send the operation as application/json.")]


async def test_a_body_that_is_no_operation_is_answered_with_an_example_of_one(service: Service) -> None:
    found = {name: await send(service, body) for name, body in NOT_JSON.items()}

    assert {name: response.status_code for name, response in found.items()} == dict.fromkeys(NOT_JSON, 400)
    assert {name: errors(response) for name, response in found.items()} == {
        name: [("BAD_USER_INPUT", OBJECT)] for name in NOT_JSON
    }


async def test_what_cannot_be_run_is_refused_in_a_sentence(service: Service) -> None:
    found = {body: await send(service, body) for body in REFUSED}

    assert {response.status_code for response in found.values()} == {400}
    assert {body: errors(response) for body, response in found.items()} == {
        body: [("BAD_USER_INPUT", message)] for body, message in REFUSED.items()
    }


@pytest.mark.parametrize("declared", [True, False], ids=["with its length", "in chunks"])
async def test_a_body_of_more_than_100_kb_is_refused(service: Service, declared: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b" " * 10_000

    response = await service.client.post("/graphql", content=b" " * 100_001 if declared else chunks(), headers=JSON)

    assert response.status_code == 413
    assert errors(response) == [("BAD_USER_INPUT", "The request is longer than 100,000 bytes.")]


async def test_a_body_of_100_kb_is_taken(service: Service) -> None:
    response = await send(service, b'{"query": "{ __typename }"}'.ljust(100_000))

    assert response.json() == {"data": {"__typename": "Query"}}


async def test_errors_of_the_document_and_of_its_variables_have_their_codes(service: Service) -> None:
    answers = [await service.query(document, variables) for document, variables, _, _ in DOCUMENTS]
    found = [[(error["extensions"]["code"], error["message"]) for error in answer["errors"]] for answer in answers]

    assert found == [[(code, message)] for _, _, code, message in DOCUMENTS]
    assert [answer.get("data") for answer in answers] == [None] * len(DOCUMENTS)


async def test_an_odd_id_is_that_of_nothing(service: Service) -> None:
    found = {odd: await service.data(ACCOUNT, {"id": odd}) for odd in ODD_IDS}

    nothing = {"account": None, "node": None, "invoice": None}
    assert found == dict.fromkeys(ODD_IDS, nothing)


async def test_a_query_may_be_asked_by_get_and_nothing_else_may(service: Service) -> None:
    query = {"query": "query A { __typename } query B { providers { id } }", "operationName": "A", "variables": "{}"}
    answered = await service.client.get("/graphql", params=query)
    mutation = await service.client.get("/graphql", params={"query": "mutation { pay }"})
    variables = await service.client.get("/graphql", params=query | {"variables": "[1]"})

    assert answered.json() == {"data": {"__typename": "Query"}}
    assert (mutation.status_code, errors(mutation)) == (400, [("BAD_USER_INPUT", "Only queries can be run here.")])
    assert (variables.status_code, errors(variables)) == (
        400,
        [("BAD_USER_INPUT", "The parameter variables has to be one JSON object.")],
    )


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_another_method_is_refused(service: Service, method: str) -> None:
    response = await service.client.request(method, "/graphql")

    assert (response.status_code, set(response.headers["allow"].split(", "))) == (405, {"GET", "POST"})
    assert response.headers["content-type"] == "application/json"
    if method != "HEAD":
        assert errors(response) == [("BAD_USER_INPUT", "This address does not take that method.")]


@pytest.mark.parametrize("path", ["/", "/nothing", "/graphiql/nothing.js", "/graphiql/%00", "/graphiql/..%2fx"])
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
        ("text/event-stream;q=x, ;;,=", "application/json", 200),
    ],
)
async def test_the_media_type_is_negotiated_and_the_status_follows_it(
    service: Service, accept: str, media_type: str, status: int
) -> None:
    response = await service.post({"query": "{ pay }"}, accept=accept)

    assert (response.headers["content-type"], response.status_code) == (media_type, status)
    assert (await service.post({"query": "{ __typename }"}, accept=accept)).status_code == 200


async def test_a_request_id_is_echoed_when_it_has_the_form_of_one(service: Service) -> None:
    async def echoed(given: str) -> str:
        return (await service.post({"query": "{ __typename }"}, **{"X-Request-Id": given})).headers["x-request-id"]

    assert await echoed("web-7.2026_11") == "web-7.2026_11"
    for odd in ("", "a b", "a" * 65, "<script>", "a\tb"):
        assert re.fullmatch("[0-9a-f]{32}", await echoed(odd))
