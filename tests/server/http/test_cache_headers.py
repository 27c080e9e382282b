"""What an answer says of itself beside its data: whom it asked, how old it is, and whether it has changed."""

from typing import Any

import httpx

from providers.sandbox import Fault
from providers.ttl import CacheTtl
from tests.harness import PLAIN, Service, running

QUERY = '{ invoices(first: 1, filterBy: { providers: ["fastly"] }) { nodes { id } } }'
REMEMBERED = {**PLAIN, "freshness": CacheTtl()}


async def _get(service: Service, **headers: str) -> httpx.Response:
    return await service.client.get("/graphql", params={"query": QUERY}, headers=headers)


async def _coverage(service: Service, query: str) -> Any:
    return (await service.post({"query": query})).json()["extensions"]["coverage"]


async def test_who_was_asked_stands_in_the_extensions_though_nobody_selected_it(service: Service) -> None:
    service.control("archera").faults.append(Fault(kind="status", status=403))
    entries = await _coverage(service, "{ invoices(first: 1) { nodes { id } } }")
    assert {entry["account"]: (entry["status"], entry["code"]) for entry in entries} == {
        "archera/sandbox-archera": ("MISSING", "FORBIDDEN"),
        "fastly/sandbox-fastly": ("COMPLETE", None),
        "spectrocloud/sandbox-palette": ("PARTIAL", "UNLISTED"),
    }


async def test_an_operation_that_asked_nobody_has_no_extensions(service: Service) -> None:
    assert "extensions" not in (await service.post({"query": "{ accounts { id } }"})).json()


async def test_a_failing_part_of_one_object_is_named_too(service: Service) -> None:
    service.control("archera").faults.append(Fault(kind="status", status=500, path="line-items"))
    query = '{ invoice(id: "archera/sandbox-archera/invoice/2026-09") { lineItems { totalCount } } }'
    [entry] = await _coverage(service, query)
    assert (entry["status"], entry["code"]) == ("PARTIAL", "UNAVAILABLE")


LINES = '{ invoices(first: 1, filterBy: { providers: ["archera"] }) { nodes { lineItems { totalCount } } } }'


async def test_lines_that_are_a_call_of_their_own_count_for_the_age_of_the_answer() -> None:
    kept = CacheTtl(settled=1_000, invoice=1_000, list=0, stale_for=0)
    async with running(settings={**PLAIN, "freshness": kept}) as service:
        await _coverage(service, LINES)
        [before] = await _coverage(service, LINES)
        service.forget_calls()
        [after] = await _coverage(service, LINES)

        assert len(service.calls("archera")) == 1  # the list
    assert after["asOf"] == before["asOf"]


async def test_lines_that_are_older_than_they_should_be_make_the_answer_stale() -> None:
    known = CacheTtl(settled=0, invoice=0, list=1_000, stale_for=1_000)
    async with running(settings={**PLAIN, "freshness": known}) as service:
        [whole] = await _coverage(service, LINES)
        service.control("archera").faults.append(Fault(kind="status", status=503))
        response = await service.post({"query": LINES})
        health = await service.data('{ accounts(providers: ["archera"]) { health { status code } } }')

    [entry] = response.json()["extensions"]["coverage"]
    assert "errors" not in response.json()
    assert entry == {**whole, "status": "STALE", "code": "UNAVAILABLE"}
    assert response.headers["cache-control"] == "private, no-store"
    assert health["accounts"] == [{"health": {"status": "FAILING", "code": "UNAVAILABLE"}}]


async def test_an_answer_is_never_promised_fresh_and_tells_its_age() -> None:
    async with running(settings=REMEMBERED) as service:
        response = await _get(service)
        assert response.headers["cache-control"] == "private, no-cache"
        assert response.headers["age"] == "0"


async def test_an_answer_that_has_not_changed_is_not_sent_again() -> None:
    async with running(settings=REMEMBERED) as service:
        first = await _get(service)
        again = await _get(service, **{"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]

        other = await _get(service, **{"If-None-Match": '"another"'})
        assert (other.status_code, other.content) == (200, first.content)


async def test_an_answer_that_lacks_something_is_not_to_be_kept(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="status", status=500))
    response = await _get(service)
    assert response.headers["cache-control"] == "private, no-store"
    assert "etag" not in response.headers
