"""A repeated request gets the same response as the first one, from the cache where it may."""

import asyncio
from typing import Any

import pytest

from providers.sandbox import Fault
from tests.harness import Service
from tests.server.operations.test_response_cache import FASTLY, cached_count, caching_service

REQUEST = {"query": FASTLY}


async def test_repeated_request_has_the_same_response() -> None:
    async with caching_service() as service:
        first = await service.post(REQUEST)
        again = await service.post(REQUEST)

        assert again.content == first.content
        header_names = ("content-type", "cache-control", "vary", "content-encoding", "content-length")
        assert [again.headers.get(name) for name in header_names] == [first.headers.get(name) for name in header_names]
        assert again.headers.keys() == first.headers.keys()
        assert again.headers["x-request-id"] != first.headers["x-request-id"]
        assert (await service.post(REQUEST, **{"X-Request-Id": "mine"})).headers["x-request-id"] == "mine"


@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        ({"Accept": "application/graphql-response+json"}, "application/graphql-response+json"),
        ({"Accept": "text/event-stream"}, "text/event-stream; charset=utf-8"),
        ({"Content-Type": "text/plain"}, "application/json"),
    ],
)
async def test_other_headers_get_another_response(headers: dict[str, str], content_type: str) -> None:
    async with caching_service() as service:
        for _ in range(2):
            await service.post(REQUEST)
        response = await service.post(REQUEST, **headers)

        assert response.headers["content-type"] == content_type
        assert response.status_code == (415 if "Content-Type" in headers else 200)


async def test_no_cache_bypasses_the_response_cache() -> None:
    async with caching_service() as service:
        for _ in range(2):
            await service.post(REQUEST)
        service.reset_calls()
        await service.post(REQUEST, **{"Cache-Control": "no-cache"})

        assert len(service.calls("fastly")) == 1


async def test_expired_response_is_fetched_again() -> None:
    async with caching_service(freshness={"list": 0.2, "invoice": 0.2, "settled": 0.2}) as service:
        for _ in range(2):
            await service.post(REQUEST)
        await asyncio.sleep(0.25)
        service.reset_calls()
        await service.post(REQUEST)

        assert len(service.calls("fastly")) == 1


async def test_draining_service_closes_connections() -> None:
    async with caching_service() as service:
        for _ in range(2):
            await service.post(REQUEST)
        service.app.state.stopping = True

        assert (await service.post(REQUEST)).headers["connection"] == "close"


async def test_slow_body_is_awaited() -> None:
    async with caching_service() as service:
        await service.post(REQUEST)
        body = (await service.client.post("/graphql", json=REQUEST)).request.content

        async def slow_body() -> Any:
            yield body[:10]
            await asyncio.sleep(0.2)
            yield body[10:]

        response = await service.client.post(
            "/graphql", content=slow_body(), headers={"Content-Type": "application/json"}
        )
        assert response.json()["data"]["invoices"]["nodes"]


async def test_failed_repeat_runs_only_once(service: Service) -> None:
    nodes = "nodes { lineItems { totalCount } }"
    body = {"query": f'{{ invoices(first: 1, filterBy: {{ providers: ["archera"] }}) {{ {nodes} }} }}'}
    accept = {"Accept": "application/graphql-response+json"}
    assert "errors" not in (await service.post(body, **accept)).json()
    service.reset_calls()
    service.control("archera").faults.append(Fault(kind="status", status=403, path="line-items"))

    response = await service.post(body, **accept, **{"X-Request-Id": "mine"})

    [error] = response.json()["errors"]
    assert (error["extensions"]["code"], response.headers["x-request-id"]) == ("FORBIDDEN", "mine")
    assert response.headers["content-type"] == "application/graphql-response+json"
    assert response.headers["cache-control"] == "private, no-store"
    assert len(service.calls("archera")) == 2


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"operationName": None, "query": FASTLY, "variables": {}}, {}),
        (REQUEST, {"Accept": "application/json, text/event-stream, multipart/mixed"}),
        (REQUEST, {"Cache-Control": "max-age=0"}),
    ],
    ids=["other JSON", "a client that accepts streams", "other directives"],
)
async def test_identical_operations_have_one_cached_response(body: object, headers: dict[str, str]) -> None:
    async with caching_service() as service:
        first = await service.post(REQUEST)
        service.reset_calls()
        repeat = await service.post(body, **headers)

        assert (service.all_calls(), repeat.content) == ([], first.content)
        assert cached_count(service) == 1
