"""Automatic persisted queries: clients send the text once, and then only the hash, as Apollo Client and urql do."""

import json
from hashlib import sha256
from typing import Any

import httpx
import pytest

from providers import PROVIDERS
from providers.ttl import CacheTtl
from server.config.settings import ServerSettings
from server.operations.persisted_queries import PersistedQueries
from server.operations.request import BadRequestError, GraphQLRequest
from tests import node
from tests.harness import NO_CACHE_NO_RETRY, Service, running_service
from tests.server.wire import error_codes_and_messages

QUERY = "query Account($id: ID!) { account(id: $id) { id } }"
GRAPHQL_JSON = "application/graphql-response+json"
NOT_FOUND = ("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
FORM = 'extensions.persistedQuery must be {"version": 1, "sha256Hash": "..."}, with the hash in hexadecimal.'


def persisted(text: str, **members: Any) -> dict[str, Any]:
    """Return a request that refers to a query by its hash, with these other members."""
    extension = {"version": 1, "sha256Hash": sha256(text.encode()).hexdigest()}
    return {"extensions": {"persistedQuery": extension}, **members}


def url_parameters(request: dict[str, Any]) -> dict[str, str]:
    """Return a request as the parameters of a GET URL."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in request.items()}


async def test_a_hash_runs_the_query_once_stored(service: Service) -> None:
    variables = {"id": "fastly/sandbox-fastly"}
    unknown = await service.post(persisted(QUERY, variables=variables))
    stored = await service.post(persisted(QUERY, query=QUERY, variables=variables))
    by_post = await service.post(persisted(QUERY, variables=variables))
    by_get = await service.client.get("/graphql", params=url_parameters(persisted(QUERY, variables=variables)))

    assert (unknown.status_code, error_codes_and_messages(unknown)) == (200, [NOT_FOUND])
    assert unknown.headers["cache-control"] == "private, no-store"
    assert {response.status_code for response in (stored, by_post, by_get)} == {200}
    assert stored.json() == by_post.json() == by_get.json()
    assert stored.json()["data"] == {"account": variables}


async def test_get_stores_a_query_and_a_batch_runs_it(service: Service) -> None:
    await service.get(url_parameters(persisted("{ __typename }", query="{ __typename }")))
    responses = (await service.post([persisted("{ __typename }"), persisted("{ providers { id } }")])).json()

    assert responses[0]["data"] == {"__typename": "Query"}
    assert responses[1]["errors"][0]["extensions"] == {"code": NOT_FOUND[0]}


async def test_media_type_sets_the_status_of_an_unknown_hash(service: Service) -> None:
    response = await service.post(persisted(QUERY), accept=GRAPHQL_JSON)

    assert (response.status_code, response.headers["content-type"]) == (400, GRAPHQL_JSON)


@pytest.mark.parametrize(
    ("extension", "message"),
    [
        (
            {"version": 1, "sha256Hash": sha256(b"{ accounts { id } }").hexdigest()},
            "The sha256Hash of the persisted query does not match the query sent with it.",
        ),
        ({"version": 2, "sha256Hash": "0" * 64}, "The service supports only version 1 of persisted queries."),
        ({"version": 1}, FORM),
        ({"version": "1", "sha256Hash": "0" * 64}, FORM),
        ({"version": 1, "sha256Hash": 7}, FORM),
        ([], FORM),
        ("x", FORM),
    ],
)
async def test_an_invalid_extension_is_refused(service: Service, extension: object, message: str) -> None:
    refused = await service.post({"query": QUERY, "extensions": {"persistedQuery": extension}})
    unknown = await service.post(persisted("{ accounts { id } }"))

    assert (refused.status_code, error_codes_and_messages(refused)) == (400, [("BAD_USER_INPUT", message)])
    assert error_codes_and_messages(unknown) == [NOT_FOUND]


async def test_a_persisted_query_is_checked_like_any_other(service: Service) -> None:
    for text, status in (("mutation { pay }", 405), ("{ pay }", 200), ("{", 200)):
        by_post = await service.post(persisted(text, query=text))
        by_get = await service.client.get("/graphql", params=url_parameters(persisted(text)))

        assert (by_get.status_code, by_post.json()["errors"][0]["extensions"]["code"]) == (
            status,
            by_get.json()["errors"][0]["extensions"]["code"],
        )


async def test_only_get_of_a_persisted_query_has_an_etag() -> None:
    text = '{ invoices(first: 1, filterBy: { providers: ["fastly"] }) { nodes { id } } }'
    async with running_service(settings={**NO_CACHE_NO_RETRY, "freshness": CacheTtl()}) as service:
        by_post = await service.post(persisted(text, query=text), **{"If-None-Match": "*"})

        async def get(**headers: str) -> httpx.Response:
            return await service.client.get("/graphql", params=url_parameters(persisted(text)), headers=headers)

        first = await get()
        again = await get(**{"If-None-Match": first.headers["etag"]})

    assert (by_post.status_code, "etag" in by_post.headers) == (200, False)
    assert (first.status_code, first.json()) == (200, by_post.json())
    assert (again.status_code, again.content) == (304, b"")


def test_the_least_recently_used_query_is_evicted() -> None:
    texts = [f"{{ __typename }} # {number}{'x' * 1_000}" for number in range(4)]
    queries = PersistedQueries(ServerSettings(), max_bytes=4_000)
    stores = [GraphQLRequest(query=text, extensions=persisted(text)["extensions"]) for text in texts]
    lookups = [GraphQLRequest(extensions=persisted(text)["extensions"]) for text in texts]

    def is_stored(request: GraphQLRequest) -> bool:
        try:
            return queries.resolve(request) in texts
        except BadRequestError:
            return False

    assert [queries.resolve(request) for request in stores[:3]] == texts[:3]
    assert is_stored(lookups[0])
    assert queries.resolve(stores[3]) == texts[3]
    assert [is_stored(request) for request in lookups] == [True, False, True, True]


async def test_apollo_client_and_urql_send_the_text_once(service: Service) -> None:
    documents = ("query Accounts { accounts { id } }", "query Providers { providers { id } }")
    report = json.loads(await node.run_script("persisted.mjs", f"{service.url}/graphql", *documents))

    assert report["requests"] == [
        ["GET", False, 400],
        ["POST", True, 200],  # Apollo Client's
        ["GET", False, 200],
        ["GET", False, 400],
        ["GET", True, 200],  # urql's
        ["GET", False, 200],
    ]
    assert [result["error"] for result in report["answers"]] == [None] * 4
    assert [result["data"]["providers"] for result in report["answers"][2:]] == [
        [{"id": name} for name in PROVIDERS]
    ] * 2
