"""Metadata of a response: the coverage in its extensions, its age, its ETag and Cache-Control."""

from typing import Any

import httpx
import pytest

from providers.sandbox import Fault
from providers.ttl import CacheTtl
from tests.harness import NO_CACHE_NO_RETRY, Service, running_service

QUERY = '{ invoices(first: 1, filterBy: { providers: ["fastly"] }) { nodes { id } } }'
CACHED = {**NO_CACHE_NO_RETRY, "freshness": CacheTtl()}


async def _get(service: Service, **headers: str) -> httpx.Response:
    return await service.get({"query": QUERY}, **headers)


async def _coverage(service: Service, query: str) -> Any:
    return (await service.post({"query": query})).json()["extensions"]["coverage"]


@pytest.mark.accounts_of("archera", "fastly", "spectrocloud")
async def test_coverage_is_in_the_extensions_unselected(service: Service) -> None:
    service.control("archera").faults.append(Fault(kind="status", status=403))
    entries = await _coverage(service, "{ invoices(first: 1) { nodes { id } } }")
    assert {entry["account"]: (entry["status"], entry["code"]) for entry in entries} == {
        "archera/sandbox-archera": ("MISSING", "FORBIDDEN"),
        "fastly/sandbox-fastly": ("COMPLETE", None),
        "spectrocloud/sandbox-palette": ("PARTIAL", "UNLISTED"),
    }


async def test_no_extensions_without_provider_calls(service: Service) -> None:
    assert "coverage" not in (await service.post({"query": "{ accounts { id } }"})).json()["extensions"]


async def test_coverage_includes_failed_line_items(service: Service) -> None:
    service.control("archera").faults.append(Fault(kind="status", status=500, path="line-items"))
    query = '{ invoice(id: "archera/sandbox-archera/invoice/2026-09") { lineItems { totalCount } } }'
    [entry] = await _coverage(service, query)
    assert (entry["status"], entry["code"]) == ("PARTIAL", "UNAVAILABLE")


LINES = '{ invoices(first: 1, filterBy: { providers: ["archera"] }) { nodes { lineItems { totalCount } } } }'


async def test_line_items_count_for_the_age() -> None:
    ttl = CacheTtl(settled=1_000, invoice=1_000, list=0, stale_for=0)
    async with running_service(settings={**NO_CACHE_NO_RETRY, "freshness": ttl}) as service:
        await _coverage(service, LINES)
        [before] = await _coverage(service, LINES)
        service.reset_calls()
        [after] = await _coverage(service, LINES)

        assert len(service.calls("archera")) == 1  # the list
    assert after["asOf"] == before["asOf"]


async def test_stale_line_items_make_the_response_stale() -> None:
    ttl = CacheTtl(settled=0, invoice=0, list=1_000, stale_for=1_000)
    async with running_service(settings={**NO_CACHE_NO_RETRY, "freshness": ttl}) as service:
        [complete] = await _coverage(service, LINES)
        service.control("archera").faults.append(Fault(kind="status", status=503))
        response = await service.post({"query": LINES})
        health = await service.data('{ accounts(providers: ["archera"]) { health { status code } } }')

    [entry] = response.json()["extensions"]["coverage"]
    assert "errors" not in response.json()
    assert entry == {**complete, "status": "STALE", "code": "UNAVAILABLE"}
    assert response.headers["cache-control"] == "private, no-store"
    assert health["accounts"] == [{"health": {"status": "FAILING", "code": "UNAVAILABLE"}}]


async def test_complete_response_has_no_cache_and_age() -> None:
    async with running_service(settings=CACHED) as service:
        response = await _get(service)
        assert response.headers["cache-control"] == "private, no-cache"
        assert response.headers["age"] == "0"


async def test_unchanged_response_is_304() -> None:
    async with running_service(settings=CACHED) as service:
        first = await _get(service)
        again = await _get(service, **{"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]

        other = await _get(service, **{"If-None-Match": '"another"'})
        assert (other.status_code, other.content) == (200, first.content)


async def test_incomplete_response_is_not_stored(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="status", status=500))
    response = await _get(service)
    assert response.headers["cache-control"] == "private, no-store"
    assert "etag" not in response.headers
