"""Requests that are rejected with one clear sentence, before any provider call."""

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.harness import Service
from tests.server.wire import JSON, error_codes_and_messages, post_bytes

NOT_AN_OPERATION = (
    'The request is not a GraphQL request in JSON. Send one object such as {"query": "{ providers { id } }", '
    '"variables": {}, "operationName": null}, or an array of them.'
)
SUBSCRIBE = (
    "A subscription has several results. Accept text/event-stream, or open a WebSocket at this URL with the "
    "protocol graphql-transport-ws."
)
NO_MUTATIONS = "This schema has no mutations. Send a query instead."
TWO_OPERATIONS = "query A { providers { id } } query B { providers { id } }"

INVALID_BODIES = {
    "empty": b"",
    "incomplete object": b'{"query": ',
    "incomplete array": b'[{"query": "{ providers { id } }"}',
    "number": b"3",
    "null": b"null",
    "text": b'"{ providers { id } }"',
    "query is a number": b'{"query": 3}',
    "variables are a list": b'{"query": "{ providers { id } }", "variables": []}',
    "not UTF-8": b'{"query": "\xff"}',
    "a lone surrogate": rb'{"query": "{ providers { id } }", "variables": {"id": "\ud800"}}',
    "NaN": b'{"query": "{ providers { id } }", "variables": {"n": NaN}}',
    "a number too large": b'{"query": "{ providers { id } }", "variables": {"n": 1e400}}',
}
DEEP_BODIES = {
    "variables": b'{"query": "{ providers { id } }", "variables": {"v": %s}}' % (b"[" * 99 + b"]" * 99),
    "an unknown key": b'{"query": "{ __typename }", "x": %s1%s}' % (b'{"a":' * 100, b"}" * 100),
    "an element of a batch": b'[{"query": "{ __typename }", "variables": {"v": %s}}]' % (b"[" * 98 + b"]" * 98),
    "brackets alone": b"[" * 100_000,
    "brackets after an unterminated string": b"[" * 101 + b'"' + rb"\"" * 30_000,
}
REJECTED_BODIES = {
    '{"query": ""}': "The request has no query.",
    '{"variables": {}}': "The request has no query.",
    '{"query": "{ providers { id } }", "operationName": "Ours"}': 'The document has no operation by the name "Ours".',
    '{"query": "fragment All on Query { providers { id } }"}': "The document has no operation.",
    f'{{"query": "{TWO_OPERATIONS}"}}': "The document has several operations: name the one to run in operationName.",
    f'{{"query": "{TWO_OPERATIONS}", "operationName": ""}}': (
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
async def test_other_content_types_are_rejected(service: Service, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    response = await service.client.post("/graphql", content=b'{"query": "{ providers { id } }"}', headers=headers)

    assert response.status_code == 415
    assert error_codes_and_messages(response) == [
        ("BAD_USER_INPUT", "The Content-Type of the request is not supported. Send the operation as application/json.")
    ]


@pytest.mark.parametrize(
    ("content_encoding", "name"), [("gzip", " gzip"), ("gzip, br", " gzip, br"), ("zstd", " zstd"), ("<b>", "")]
)
async def test_compressed_body_is_rejected(service: Service, content_encoding: str, name: str) -> None:
    body = gzip.compress(b'{"query": "{ providers { id } }"}')
    response = await post_bytes(service, body, **{"Content-Encoding": content_encoding})

    assert (response.status_code, response.headers["accept-encoding"]) == (415, "identity")
    assert error_codes_and_messages(response) == [
        ("BAD_USER_INPUT", f"The request body has the Content-Encoding{name}. Send it without compression.")
    ]


async def test_identity_is_no_compression(service: Service) -> None:
    response = await post_bytes(service, b'{"query": "{ __typename }"}', **{"Content-Encoding": "identity"})

    assert response.json()["data"] == {"__typename": "Query"}


async def test_invalid_body_error_contains_an_example(service: Service) -> None:
    responses = {name: await post_bytes(service, body) for name, body in INVALID_BODIES.items()}

    assert {name: response.status_code for name, response in responses.items()} == dict.fromkeys(INVALID_BODIES, 400)
    assert {name: error_codes_and_messages(response) for name, response in responses.items()} == {
        name: [("BAD_USER_INPUT", NOT_AN_OPERATION)] for name in INVALID_BODIES
    }


async def test_json_deeper_than_100_levels_is_rejected(service: Service) -> None:
    responses = {name: await post_bytes(service, body) for name, body in DEEP_BODIES.items()}
    by_get = await service.client.get(
        "/graphql", params={"query": "{ __typename }", "variables": '{"v": ' + "[" * 100 + "]" * 100 + "}"}
    )

    assert {response.status_code for response in [*responses.values(), by_get]} == {400}
    assert {name: error_codes_and_messages(response) for name, response in {**responses, "by GET": by_get}.items()} == {
        name: [("BAD_USER_INPUT", "The JSON of the request is nested deeper than 100 levels.")]
        for name in (*DEEP_BODIES, "by GET")
    }


async def test_100_json_levels_are_accepted(service: Service) -> None:
    nested = b'{"query": "{ __typename } # %s", "x": %s}' % (rb"\"" + b"[" * 200, b"[" * 99 + b"]" * 99)

    assert (await post_bytes(service, nested)).json()["data"] == {"__typename": "Query"}


async def test_rejected_operations_make_no_provider_call(service: Service) -> None:
    responses = {body: await post_bytes(service, body) for body in REJECTED_BODIES}

    assert {response.status_code for response in responses.values()} == {400}
    assert {body: error_codes_and_messages(response) for body, response in responses.items()} == {
        body: [("BAD_USER_INPUT", message)] for body, message in REJECTED_BODIES.items()
    }
    assert service.all_calls() == []


async def test_get_runs_queries_only(service: Service) -> None:
    async def get(**parameters: str) -> httpx.Response:
        return await service.get(parameters)

    mutation = await get(query="mutation { pay }")
    subscription = await get(query="subscription { invoiceChanged { kind } }")
    variables = await get(query="{ __typename }", variables="[1]")
    extensions = await get(query="{ __typename }", extensions="x")

    assert (mutation.status_code, mutation.headers["allow"]) == (405, "POST")
    assert error_codes_and_messages(mutation) == [
        ("BAD_USER_INPUT", "GET does not run mutations, and this schema has none. Send a query instead.")
    ]
    assert (subscription.status_code, error_codes_and_messages(subscription)) == (400, [("BAD_USER_INPUT", SUBSCRIBE)])
    assert (variables.status_code, error_codes_and_messages(variables)) == (
        400,
        [("BAD_USER_INPUT", "The URL parameter variables must be a JSON object.")],
    )
    assert (extensions.status_code, error_codes_and_messages(extensions)) == (
        400,
        [("BAD_USER_INPUT", "The URL parameter extensions must be a JSON object.")],
    )


@pytest.mark.parametrize("has_length", [True, False], ids=["with Content-Length", "chunked"])
async def test_body_over_100_kb_is_rejected(service: Service, has_length: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b" " * 10_000

    response = await service.client.post("/graphql", content=b" " * 100_001 if has_length else chunks(), headers=JSON)

    assert response.status_code == 413
    assert error_codes_and_messages(response) == [
        ("BAD_USER_INPUT", "The request body is longer than 100,000 bytes. Send a shorter one.")
    ]


async def test_body_of_100_kb_is_accepted(service: Service) -> None:
    response = await post_bytes(service, b'{"query": "{ __typename }"}'.ljust(100_000))

    assert response.json()["data"] == {"__typename": "Query"}
