"""Automatic persisted queries: sent once, then asked for by their hash, as the usual clients do."""

import json
from hashlib import sha256
from typing import Any

import httpx
import pytest

from providers.ttl import CacheTtl
from server.operations.persisted_queries import PersistedQueries
from server.operations.request import BadRequestError, GraphQLRequest
from tests import node
from tests.harness import PLAIN, Service, running
from tests.server.wire import errors

QUERY = "query Account($id: ID!) { account(id: $id) { id } }"
GRAPHQL_JSON = "application/graphql-response+json"
NOT_FOUND = ("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
FORM = 'extensions.persistedQuery has to be {"version": 1, "sha256Hash": "..."}, the hash in hexadecimal.'


def named(text: str, **more: Any) -> dict[str, Any]:
    persisted = {"version": 1, "sha256Hash": sha256(text.encode()).hexdigest()}
    return {"extensions": {"persistedQuery": persisted}, **more}


def parameters(operation: dict[str, Any]) -> dict[str, str]:
    """An operation as the parameters of a GET request."""
    return {name: part if isinstance(part, str) else json.dumps(part) for name, part in operation.items()}


async def test_a_query_is_asked_for_by_its_hash_once_it_was_sent(service: Service) -> None:
    variables = {"id": "fastly/sandbox-fastly"}
    unknown = await service.post(named(QUERY, variables=variables))
    sent = await service.post(named(QUERY, query=QUERY, variables=variables))
    by_post = await service.post(named(QUERY, variables=variables))
    by_get = await service.client.get("/graphql", params=parameters(named(QUERY, variables=variables)))

    assert (unknown.status_code, errors(unknown)) == (200, [NOT_FOUND])
    assert unknown.headers["cache-control"] == "private, no-store"
    assert {response.status_code for response in (sent, by_post, by_get)} == {200}
    assert sent.json() == by_post.json() == by_get.json() == {"data": {"account": variables}}


async def test_a_query_may_be_registered_by_get_and_asked_for_in_a_batch(service: Service) -> None:
    await service.client.get("/graphql", params=parameters(named("{ __typename }", query="{ __typename }")))
    answers = (await service.post([named("{ __typename }"), named("{ providers { id } }")])).json()

    assert answers[0] == {"data": {"__typename": "Query"}}
    assert answers[1]["errors"][0]["extensions"] == {"code": NOT_FOUND[0]}


async def test_an_unknown_hash_has_the_status_of_the_media_type(service: Service) -> None:
    response = await service.post(named(QUERY), accept=GRAPHQL_JSON)

    assert (response.status_code, response.headers["content-type"]) == (400, GRAPHQL_JSON)


@pytest.mark.parametrize(
    ("persisted", "message"),
    [
        (
            {"version": 1, "sha256Hash": sha256(b"{ accounts { id } }").hexdigest()},
            "The sha256Hash of the persisted query is not that of the query sent with it.",
        ),
        ({"version": 2, "sha256Hash": "0" * 64}, "Persisted queries are spoken here in version 1 only."),
        ({"version": 1}, FORM),
        ({"version": "1", "sha256Hash": "0" * 64}, FORM),
        ({"version": 1, "sha256Hash": 7}, FORM),
        ([], FORM),
        ("x", FORM),
    ],
)
async def test_a_hash_that_is_not_that_of_its_query_is_refused(
    service: Service, persisted: object, message: str
) -> None:
    refused = await service.post({"query": QUERY, "extensions": {"persistedQuery": persisted}})
    unknown = await service.post(named("{ accounts { id } }"))

    assert (refused.status_code, errors(refused)) == (400, [("BAD_USER_INPUT", message)])
    assert errors(unknown) == [NOT_FOUND]


async def test_what_was_persisted_is_checked_like_any_other_query(service: Service) -> None:
    for text, by_get in (("mutation { pay }", 405), ("{ pay }", 200), ("{", 200)):
        sent = await service.post(named(text, query=text))
        asked = await service.client.get("/graphql", params=parameters(named(text)))

        assert (asked.status_code, sent.json()["errors"][0]["extensions"]["code"]) == (
            by_get,
            asked.json()["errors"][0]["extensions"]["code"],
        )


async def test_a_persisted_query_by_get_has_a_tag_and_one_by_post_has_none() -> None:
    text = '{ invoices(first: 1, filterBy: { providers: ["fastly"] }) { nodes { id } } }'
    async with running(settings={**PLAIN, "freshness": CacheTtl()}) as service:
        by_post = await service.post(named(text, query=text), **{"If-None-Match": "*"})

        async def get(**headers: str) -> httpx.Response:
            return await service.client.get("/graphql", params=parameters(named(text)), headers=headers)

        first = await get()
        again = await get(**{"If-None-Match": first.headers["etag"]})

    assert (by_post.status_code, "etag" in by_post.headers) == (200, False)
    assert (first.status_code, first.json()) == (200, by_post.json())
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_kept_is_bounded_and_the_least_recently_used_leaves_first() -> None:
    texts = [f"{{ __typename }} # {number}{'x' * 1_000}" for number in range(4)]
    kept = PersistedQueries(most_bytes=4_000)
    ask = [GraphQLRequest(query=text, extensions=named(text)["extensions"]) for text in texts]
    recall = [GraphQLRequest(extensions=named(text)["extensions"]) for text in texts]

    def found(operation: GraphQLRequest) -> bool:
        try:
            return kept.text(operation) in texts
        except BadRequestError:
            return False

    assert [kept.text(operation) for operation in ask[:3]] == texts[:3]
    assert found(recall[0])
    assert kept.text(ask[3]) == texts[3]
    assert [found(operation) for operation in recall] == [True, False, True, True]


async def test_apollo_client_and_urql_send_a_query_once_and_then_its_hash(service: Service) -> None:
    queries = ("query Accounts { accounts { id } }", "query Providers { providers { id } }")
    said = json.loads(await node.run("persisted.mjs", f"{service.url}/graphql", *queries))

    assert said["requests"] == [
        ["GET", False, 400],
        ["POST", True, 200],  # Apollo Client's
        ["GET", False, 200],
        ["GET", False, 400],
        ["GET", True, 200],  # urql's
        ["GET", False, 200],
    ]
    assert [answer["error"] for answer in said["answers"]] == [None] * 4
    assert [answer["data"]["providers"] for answer in said["answers"][2:]] == [
        [{"id": "archera"}, {"id": "fastly"}, {"id": "spectrocloud"}]
    ] * 2
