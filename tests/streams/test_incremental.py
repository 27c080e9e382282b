"""@defer and @stream: the first part waits for nothing deferred, and the parts make up the whole answer."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from providers.sandbox import Fault
from tests.harness import Service, running

FAST_FIRST = """{
  archera: invoices(first: 2, filterBy: { providers: ["archera"] }) { nodes { id } }
  ... @defer(label: "slow") {
    fastly: invoices(first: 2, filterBy: { providers: ["fastly"] }) { nodes { id } coverage { status code } }
  }
}"""
STREAMED = (
    '{ invoices(first: 5, filterBy: { providers: ["fastly"] }) { nodes @stream(initialCount: 2, label: "s") { id } } }'
)
OLDER = "multipart/mixed;deferSpec=20220824, application/json"
CURRENT = "multipart/mixed, application/json"


@asynccontextmanager
async def asked(service: Service, query: str, accept: str = CURRENT) -> AsyncIterator[AsyncIterator[Any]]:
    """The parts of a multipart response, each as soon as it has ended."""
    async with service.client.stream("POST", "/graphql", json={"query": query}, headers={"Accept": accept}) as response:
        assert response.headers["content-type"] == 'multipart/mixed; boundary="-"', await response.aread()

        async def parts() -> AsyncIterator[Any]:
            held = b""
            async for chunk in response.aiter_bytes():
                *whole, held = (held + chunk).split(b"\r\n---")
                for part in whole:
                    if part:
                        yield _part(part)
            assert held == b"--\r\n"

        yield parts()


def _part(text: bytes) -> Any:
    head, _, body = text.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    assert head == b"Content-Type: application/json; charset=utf-8"
    return json.loads(body)


async def _all(service: Service, query: str, accept: str = CURRENT) -> list[Any]:
    async with asked(service, query, accept) as parts:
        return [part async for part in parts]


async def test_a_slow_provider_that_is_deferred_holds_up_no_other(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="delay", seconds=3))
    began = time.monotonic()
    async with asked(service, FAST_FIRST) as parts:
        first = await anext(parts)
        soon = time.monotonic() - began
        rest = [part async for part in parts]

    assert soon < 1.5  # of 3 s: what has to be shown is that it does not wait for them
    assert len(first["data"]["archera"]["nodes"]) == 2
    assert first["pending"] == [{"id": "0", "path": [], "label": "slow"}]
    assert [part["hasNext"] for part in (first, *rest)] == [True, *[True] * (len(rest) - 1), False]
    (deferred,) = [found for part in rest for found in part.get("incremental", ())]
    assert deferred["data"]["fastly"]["coverage"] == [{"status": "COMPLETE", "code": None}]
    assert {entry["account"] for entry in rest[-1]["extensions"]["coverage"]} == {
        "archera/sandbox-archera",
        "fastly/sandbox-fastly",
    }


async def test_the_older_format_names_the_path_of_each_part(service: Service) -> None:
    first, *rest = await _all(service, FAST_FIRST, OLDER)

    assert first.keys() == {"data", "hasNext"}
    (deferred,) = [found for part in rest for found in part.get("incremental", ())]
    assert (deferred["path"], deferred["label"]) == ([], "slow")
    assert len(deferred["data"]["fastly"]["nodes"]) == 2
    assert rest[-1]["hasNext"] is False


@pytest.mark.parametrize("accept", [CURRENT, OLDER])
async def test_a_streamed_list_comes_in_parts_that_make_up_the_whole(service: Service, accept: str) -> None:
    whole = (await service.data(STREAMED.replace('@stream(initialCount: 2, label: "s")', "")))["invoices"]["nodes"]
    first, *rest = await _all(service, STREAMED, accept)

    items = [item for part in rest for found in part.get("incremental", ()) for item in found["items"]]
    assert first["data"]["invoices"]["nodes"] + items == whole
    if accept == OLDER:
        paths = [found["path"] for part in rest for found in part.get("incremental", ())]
        assert paths[0] == ["invoices", "nodes", 2]


async def test_who_takes_no_parts_gets_the_whole_answer_at_once(service: Service) -> None:
    answer = await service.query(FAST_FIRST)

    assert set(answer["data"]) == {"archera", "fastly"}
    assert "hasNext" not in answer


async def test_what_fails_in_a_deferred_part_is_coded_in_it(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="status", status=403))
    query = '{ providers { id } ... @defer { invoice(id: "fastly/sandbox-fastly/invoice/1") { id } } }'
    _, *rest = await _all(service, query)

    (deferred,) = [found for part in rest for found in part.get("incremental", ())]
    assert deferred["data"] == {"invoice": None}
    (error,) = deferred["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN", "account": "fastly/sandbox-fastly", "provider": "fastly"}


async def test_what_is_deferred_ends_with_the_request_s_deadline() -> None:
    async with running(deadline=1) as service:
        service.control("fastly").faults.append(Fault(kind="hang"))
        first, *rest = await _all(service, FAST_FIRST)

    (deferred,) = [found for part in rest for found in part.get("incremental", ())]
    assert first["hasNext"]
    assert deferred["data"]["fastly"]["coverage"] == [{"status": "MISSING", "code": "TIMED_OUT"}]


async def test_a_client_that_leaves_in_the_middle_ends_the_rest(service: Service) -> None:
    control = service.control("fastly")
    control.faults.append(Fault(kind="hang"))
    async with asked(service, FAST_FIRST) as parts:
        await anext(parts)
        await control.until(in_flight=1)

    async with asyncio.timeout(5):
        await control.until(in_flight=0)
        while service.app.state.runner.streams.open:  # noqa: ASYNC110 (nothing to wait on)
            await asyncio.sleep(0.01)


async def test_a_document_that_cannot_be_run_is_one_part_with_its_errors(service: Service) -> None:
    (part,) = await _all(service, "{ ... @defer { pay } }")

    assert part["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert part["hasNext"] is False


async def test_a_query_with_nothing_deferred_is_plain_json(service: Service) -> None:
    response = await service.post({"query": "{ providers { id } }"}, Accept=CURRENT)

    assert response.headers["content-type"] == "application/json"
