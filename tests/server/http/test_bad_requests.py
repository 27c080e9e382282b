"""What is no operation, or none that can be run here: one clear sentence each, before anybody is asked."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.harness import Service
from tests.server.wire import JSON, errors, send

OBJECT = (
    'The request is not a GraphQL request in JSON. Send one object such as {"query": "{ providers { id } }", '
    '"variables": {}, "operationName": null}, or an array of them.'
)
SUBSCRIBE = (
    "A subscription has more than one answer: accept text/event-stream, or open a WebSocket here with the protocol "
    "graphql-transport-ws."
)
NO_MUTATIONS = "This graph has no mutations: it can only be read."
SEVERAL = "query A { providers { id } } query B { providers { id } }"

NOT_JSON = {
    "empty": b"",
    "half": b'{"query": ',
    "half an array": b'[{"query": "{ providers { id } }"}',
    "number": b"3",
    "null": b"null",
    "text": b'"{ providers { id } }"',
    "query is a number": b'{"query": 3}',
    "variables are a list": b'{"query": "{ providers { id } }", "variables": []}',
    "not UTF-8": b'{"query": "\xff"}',
    "a lone surrogate": rb'{"query": "{ providers { id } }", "variables": {"id": "\ud800"}}',
    "NaN": b'{"query": "{ providers { id } }", "variables": {"n": NaN}}',
    "an endless number": b'{"query": "{ providers { id } }", "variables": {"n": 1e400}}',
}
DEEP = {
    "variables": b'{"query": "{ providers { id } }", "variables": {"v": %s}}' % (b"[" * 99 + b"]" * 99),
    "a member that nobody knows": b'{"query": "{ __typename }", "x": %s1%s}' % (b'{"a":' * 100, b"}" * 100),
    "an element of a batch": b'[{"query": "{ __typename }", "variables": {"v": %s}}]' % (b"[" * 98 + b"]" * 98),
    "brackets alone": b"[" * 100_000,
    "brackets after a text that never ends": b"[" * 101 + b'"' + rb"\"" * 30_000,
}
REFUSED = {
    '{"query": ""}': "The request has no query.",
    '{"variables": {}}': "The request has no query.",
    '{"query": "{ providers { id } }", "operationName": "Ours"}': 'The document has no operation by the name "Ours".',
    '{"query": "fragment All on Query { providers { id } }"}': "The document has no operation.",
    f'{{"query": "{SEVERAL}"}}': "The document has several operations: name the one to run in operationName.",
    f'{{"query": "{SEVERAL}", "operationName": ""}}': (
        "The document has several operations: name the one to run in operationName."
    ),
    '{"query": "mutation { pay }"}': NO_MUTATIONS,
    '{"query": "query A { __typename } mutation B { pay }", "operationName": "B"}': NO_MUTATIONS,
    '{"query": "subscription { invoiceChanged { kind } }"}': SUBSCRIBE,
    "[]": "A batch must have 1 to 10 operations, but this one has 0.",
    "[" + ", ".join(['{"query": "{ providers { id } }"}'] * 11) + "]": (
        "A batch must have 1 to 10 operations, but this one has 11."
    ),
}


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


async def test_json_that_is_nested_deeper_than_100_levels_is_refused(service: Service) -> None:
    found = {name: await send(service, body) for name, body in DEEP.items()}
    by_get = await service.client.get(
        "/graphql", params={"query": "{ __typename }", "variables": '{"v": ' + "[" * 100 + "]" * 100 + "}"}
    )

    assert {response.status_code for response in [*found.values(), by_get]} == {400}
    assert {name: errors(response) for name, response in {**found, "by GET": by_get}.items()} == {
        name: [("BAD_USER_INPUT", "The JSON of the request is nested deeper than 100 levels.")]
        for name in (*DEEP, "by GET")
    }


async def test_json_of_100_levels_is_taken_and_brackets_in_a_text_are_none(service: Service) -> None:
    nested = b'{"query": "{ __typename } # %s", "x": %s}' % (rb"\"" + b"[" * 200, b"[" * 99 + b"]" * 99)

    assert (await send(service, nested)).json() == {"data": {"__typename": "Query"}}


async def test_what_cannot_be_run_is_refused_in_a_sentence_and_asks_no_provider(service: Service) -> None:
    found = {body: await send(service, body) for body in REFUSED}

    assert {response.status_code for response in found.values()} == {400}
    assert {body: errors(response) for body, response in found.items()} == {
        body: [("BAD_USER_INPUT", message)] for body, message in REFUSED.items()
    }
    assert [service.calls(provider) for provider in service.sandbox.apis] == [[], [], []]


async def test_get_runs_queries_only(service: Service) -> None:
    async def asked(**parameters: str) -> httpx.Response:
        return await service.client.get("/graphql", params=parameters)

    mutation = await asked(query="mutation { pay }")
    subscription = await asked(query="subscription { invoiceChanged { kind } }")
    variables = await asked(query="{ __typename }", variables="[1]")
    extensions = await asked(query="{ __typename }", extensions="x")

    assert (mutation.status_code, mutation.headers["allow"]) == (405, "POST")
    assert errors(mutation) == [("BAD_USER_INPUT", "GET runs no mutation, and this graph has none.")]
    assert (subscription.status_code, errors(subscription)) == (400, [("BAD_USER_INPUT", SUBSCRIBE)])
    assert (variables.status_code, errors(variables)) == (
        400,
        [("BAD_USER_INPUT", "The parameter variables has to be one JSON object.")],
    )
    assert (extensions.status_code, errors(extensions)) == (
        400,
        [("BAD_USER_INPUT", "The parameter extensions has to be one JSON object.")],
    )


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
